/** The arena: methods trained with an equal budget and judged on the same held-out pictures with the same noise. */
import { z } from "zod";
import { deviceSchema } from "./events";
import { scoreRowSchema } from "./scores";

/** Seed of an entry that needs no training. */
export const UNTRAINED = 0;

export const ARENA_LIMITS = { methods: 24, seeds: 32, nfe: 8, guidance: 12 } as const;

/** What pictures can be judged by, where it is there and fits them. */
export const SCORER_IDS = ["style-similarity", "judge", "fd", "feature-distance", "psnr", "ssim"] as const;
export type ScorerId = (typeof SCORER_IDS)[number];

const methodId = z
  .string()
  .max(100)
  .regex(/^[\w.-]+$/, "only letters, digits and _ . - are allowed in a method's id");

/** What is trained: a template, a saved graph, or a document; `params` change it as a run's overrides do. */
export const arenaMethodSchema = z
  .strictObject({
    id: methodId,
    title: z.string().min(1).max(100),
    template: z.string().max(128).optional(),
    graphId: z.string().max(64).optional(),
    graph: z.unknown().optional(),
    params: z.record(z.string(), z.json()).default({}),
    /** False: the student is judged as it starts, once, whatever the seeds: what training gains is seen against it. */
    trains: z.boolean().default(true),
  })
  .refine(
    ({ template, graphId, graph }) => [template, graphId, graph].filter((each) => each !== undefined).length === 1,
    "give one of template, graphId and graph",
  );

export const budgetSchema = z.union([
  z.strictObject({ updates: z.number().int().min(1).max(1_000_000) }),
  /** Of training, evaluation left out; as many updates as a short run of the method says fit into them. */
  z.strictObject({ seconds: z.number().min(1).max(1_000_000) }),
]);

export const arenaSpecSchema = z
  .strictObject({
    name: z.string().min(1).max(200).default("Arena"),
    methods: z.array(arenaMethodSchema).min(1).max(ARENA_LIMITS.methods),
    /** Every method is trained with the seeds 1, 2, ... */
    seeds: z.number().int().min(1).max(ARENA_LIMITS.seeds).default(3),
    budget: budgetSchema.default({ updates: 300 }),
    /** Samples per update; null leaves each graph its own. */
    batch: z.number().int().min(1).max(4096).nullable().default(null),
    nfe: z.array(z.number().int().min(1).max(1000)).min(1).max(ARENA_LIMITS.nfe).default([8, 6, 4]),
    /** Scales of the Imagen form, in which 1 is none; none at all: students as they are. */
    guidance: z.array(z.number().min(-100).max(100)).max(ARENA_LIMITS.guidance).default([2, 4, 6, 8]),
    scorers: z.array(z.enum(SCORER_IDS)).min(1).default(["style-similarity", "fd", "judge", "ssim"]),
    evaluation: z
      .strictObject({
        batch: z.number().int().min(1).max(1024).default(64),
        /** Decides the held-out pictures and their noise, the same for everybody. */
        seed: z.number().int().min(0).max(0xffffffff).default(1),
        teacherNfe: z.number().int().min(1).max(1000).default(50),
        /** Results that are kept as pictures. */
        pictures: z.number().int().min(1).max(32).default(8),
      })
      .prefault({}),
    device: deviceSchema.default("cpu"),
  })
  .refine(
    ({ methods }) => new Set(methods.map(({ id }) => id)).size === methods.length,
    "two methods have the same id; give each its own",
  );

/** Pictures of an evaluation: frames of its run, by their number. */
export const arenaPicturesSchema = z.object({
  source: z.number().int().nullable(),
  answer: z.number().int().nullable(),
  results: z.array(z.object({ nfe: z.number(), guidanceScale: z.number().nullable(), seq: z.number().int() })),
});

/** What one training and its evaluation gave; of the teacher, what its evaluation alone did. */
export const arenaResultSchema = z.object({
  /** Null for the teacher. */
  training: z
    .object({
      runId: z.string(),
      updates: z.number().int(),
      /** Of training, evaluation left out. */
      seconds: z.number(),
      secondsPerUpdate: z.number(),
      /** Trained values: the student's, and those of networks that are trained beside it. */
      parameters: z.number().int(),
    })
    .nullable(),
  evaluationRunId: z.string(),
  scores: z.array(scoreRowSchema),
  pictures: arenaPicturesSchema,
});

export const arenaEntryStatusSchema = z.enum(["waiting", "measuring", "training", "evaluating", "done", "failed"]);

export const arenaEntrySchema = z.object({
  /** Id of the method; null for the teacher. */
  method: z.string().nullable(),
  /** Or UNTRAINED, as with the teacher. */
  seed: z.number().int(),
  /** Hash of everything that decides the result. */
  key: z.string(),
  status: arenaEntryStatusSchema,
  /** Its result was there before this arena asked for it. */
  isKnown: z.boolean(),
  /** The run that is going on or was the last one. */
  runId: z.string().nullable(),
  step: z.number().int(),
  steps: z.number().int(),
  error: z.string().nullable(),
  result: arenaResultSchema.nullable(),
});

export const arenaStatusSchema = z.enum(["running", "done", "cancelled"]);

/** A number that the table has a column for. */
export const arenaMetricSchema = z.object({
  id: z.string(),
  title: z.string(),
  better: z.enum(["higher", "lower"]),
  /** Network that looks at the pictures; null where none does. */
  judge: z.string().nullable(),
});

const shownSpec = z.object({
  ...arenaSpecSchema.shape,
  methods: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      template: z.string().optional(),
      graphId: z.string().optional(),
      params: z.record(z.string(), z.json()),
      trains: z.boolean().default(true),
    }),
  ),
});

export const arenaSummarySchema = z.object({
  id: z.string(),
  name: z.string(),
  status: arenaStatusSchema,
  createdAt: z.number(),
  finishedAt: z.number().nullable(),
  methods: z.array(z.string()),
  seeds: z.number().int(),
  /** Trainings that have a result, and all there are. */
  done: z.number().int(),
  total: z.number().int(),
});

export const arenaSchema = arenaSummarySchema.extend({
  /** Without documents that came with it. */
  spec: shownSpec,
  metrics: z.array(arenaMetricSchema),
  /** The teacher first. */
  entries: z.array(arenaEntrySchema),
});

/** The start of the first method's student, to be judged beside what the methods make of it. */
export const untrainedOf = <Method extends { id: string; title: string; trains?: boolean | undefined }>(
  methods: readonly Method[],
): Method[] => methods.slice(0, 1).map((first) => ({ ...first, id: "untrained", title: "Untrained", trains: false }));

export type ArenaMethod = z.infer<typeof arenaMethodSchema>;
export type ArenaSpec = z.infer<typeof arenaSpecSchema>;
export type ArenaSpecInput = z.input<typeof arenaSpecSchema>;
export type ArenaResult = z.infer<typeof arenaResultSchema>;
export type ArenaPictures = z.infer<typeof arenaPicturesSchema>;
export type ArenaEntry = z.infer<typeof arenaEntrySchema>;
export type ArenaStatus = z.infer<typeof arenaStatusSchema>;
export type ArenaMetric = z.infer<typeof arenaMetricSchema>;
export type ArenaSummary = z.infer<typeof arenaSummarySchema>;
export type Arena = z.infer<typeof arenaSchema>;
