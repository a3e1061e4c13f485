/** Settings of a method as its authors published them, for models of one's own: a change of a template, with sources. */
import { nodeSchema } from "@distillery/shared/graph/document";
import { z } from "zod";
import { BASE_NAMES } from "./bases";

const text = z.string().min(1).max(2000);

export const presetSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  title: text,
  description: text,
  /** Which latent diffusion model it was published for. */
  base: z.enum(BASE_NAMES),
  /** lora: a low-rank change of the teacher; full: all its weights; told: a file of one's own that takes the guidance scale. */
  student: z.enum(["lora", "full", "told"]),
  /** Nodes that are others here. */
  swap: z.record(z.string(), nodeSchema.pick({ type: true, title: true, params: true })).default({}),
  /** Nodes that the template has not; they lie where it says. */
  add: z.array(nodeSchema).default([]),
  /** `from.socket > to.socket, ...`: links added, in place of what an input for one link had. */
  wires: z.array(z.string()).default([]),
  /** `node.parameter` -> its value, and where that comes from. */
  settings: z.record(z.string(), z.strictObject({ value: z.json(), source: text })),
  /** What else is to be known: what is not published, what differs between paper and code, what no graph here does. */
  notes: z.array(text).default([]),
});
export type Preset = z.output<typeof presetSchema>;

const files = import.meta.glob<unknown>("./*.json", { eager: true, import: "default" });

/** Presets by template. */
export const presetsOf = (template: string): readonly Preset[] =>
  z.array(presetSchema).parse(files[`./${template}.json`] ?? []);
