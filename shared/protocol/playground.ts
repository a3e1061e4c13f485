/** The playground: one picture restyled by a run's teacher and student, side by side. Also what `distillery stylize` asks for. */
import { z } from "zod";

/** What one request may cost. */
export const PLAYGROUND_LIMITS = {
  /** The picture's file, before base64. */
  pictureBytes: 16_000_000,
  maskBytes: 4_000_000,
  /** Evaluations of the student, and of the teacher. */
  nfe: 100,
  teacherNfe: 200,
  guidance: 20,
} as const;

/** An example picture: the glyph with this id, drawn in this style. */
export const playgroundExampleSchema = z.strictObject({ id: z.string().max(100), style: z.string().max(200) });

export const playgroundInfoSchema = z.object({
  /** The run asked about; null for the bundled teacher alone. */
  run: z.string().nullable(),
  title: z.string(),
  /** Whether there is a trained student beside the teacher. */
  student: z.boolean(),
  /** What a picture can become: the classes the networks know. */
  styles: z.array(z.string()),
  /** Kinds of content the networks know; [] when they are not told any. */
  contents: z.array(z.string()),
  /** Side of the pictures in pixels; what is given is fitted into it, on white. */
  size: z.number().int(),
  /** Largest noise share: with a student, the one it was trained from. */
  etaMax: z.number(),
  /** The run's own settings. Guidance scales are w of p = c + w (c - u): 0 is none. */
  defaults: z.object({
    eta: z.number(),
    nfe: z.number().int(),
    teacherNfe: z.number().int(),
    guidance: z.number(),
    guidanceStudent: z.number(),
  }),
  /** What the run turns pictures into, and the style they come in; two of `styles`. */
  suggested: z.object({ style: z.string(), source: z.string() }),
  /** Held-out pictures to try; [] where the data set has none with a picture in every style. */
  examples: z.array(z.object({ id: z.string(), title: z.string() })),
});

const base64 = (bytes: number) => z.string().max(Math.ceil((bytes * 4) / 3) + 4);
const scale = z.number().min(-1).max(PLAYGROUND_LIMITS.guidance);

export const stylizeSchema = z
  .strictObject({
    /** Whose networks; absent: the bundled teacher alone. */
    run: z.string().max(64).optional(),
    /** A file's bytes in base64: PNG, JPEG, WebP or SVG. */
    image: base64(PLAYGROUND_LIMITS.pictureBytes).optional(),
    /** Or one of the examples. */
    example: playgroundExampleSchema.optional(),
    /** One of `styles`. */
    style: z.string().max(200),
    /** One of `contents`; null or absent: not told. */
    content: z.string().max(200).nullable().optional(),
    /** Share of the noise the picture is given before it is denoised: how much may change. */
    eta: z.number().gt(0).max(1),
    nfe: z.number().int().min(1).max(PLAYGROUND_LIMITS.nfe),
    teacherNfe: z.number().int().min(1).max(PLAYGROUND_LIMITS.teacherNfe),
    /** w of p = c + w (c - u) for the teacher; 0 is no guidance. */
    guidance: scale,
    /** The same for the student; absent: as the run samples it. */
    guidanceStudent: scale.optional(),
    seed: z.number().int().min(0).max(0xffffffff),
    /** PNG in base64, over the picture: white is generated anew, black (or transparent) is kept. */
    mask: base64(PLAYGROUND_LIMITS.maskBytes).optional(),
  })
  .refine((body) => (body.image === undefined) !== (body.example === undefined), "give either image or example");

export const stylizedPathSchema = z.object({
  /** Evaluations of the network, counting guidance once. */
  nfe: z.number().int(),
  milliseconds: z.number(),
  /** From the noised start to the result; `t` is the timestep, the image a PNG as data URL. */
  states: z.array(z.object({ t: z.number(), image: z.string() })),
});

export const stylizedSchema = z.object({
  /** The picture as the networks see it, a PNG as data URL. */
  source: z.string(),
  teacher: stylizedPathSchema,
  student: stylizedPathSchema.nullable(),
});

export type PlaygroundInfo = z.infer<typeof playgroundInfoSchema>;
export type StylizeRequest = z.infer<typeof stylizeSchema>;
export type StylizedPath = z.infer<typeof stylizedPathSchema>;
export type Stylized = z.infer<typeof stylizedSchema>;
