/** Settings that all clips drawn here share. */
import { z } from "zod";

export const clipParams = {
  frames: z
    .number()
    .int()
    .min(2)
    .max(64)
    .default(8)
    .meta({ title: "Frames", description: "Frames of a clip, F: samples are [F, 3, size, size]." }),
  size: z
    .union([z.literal(32), z.literal(64)])
    .default(32)
    .meta({ title: "Size", description: "Width and height of a frame.", unit: "px" }),
  speed: z.number().min(0).max(8).default(1.5).meta({
    title: "Speed",
    description: "At most that many pixels from frame to frame.",
    unit: "px",
    step: 0.25,
  }),
  turn: z.number().min(0).max(45).default(6).meta({
    title: "Turning",
    description: "At most that many degrees from frame to frame; 0 never turns.",
    unit: "°",
    step: 1,
  }),
  zoom: z.boolean().default(true).meta({ title: "Zoom", description: "Whether the scale changes within a clip." }),
};

export const RADIANS = Math.PI / 180;
