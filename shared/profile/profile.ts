/** What a step of training costs, node by node: measured over some steps on request. */
import { z } from "zod";

/** Name of the `data` event that carries a profile; its node is the first trainer. */
export const PROFILE = "profile";
/** Steps measured unless asked otherwise. */
export const PROFILE_STEPS = 20;
/** Steps run before the measured ones: memory is laid out and caches fill. */
export const WARM_UP_STEPS = 2;

/** Milliseconds of one step that go into a node's own operations, or into a network that the node applies. */
export const nodeTimeSchema = z.object({
  node: z.string(),
  /** Node that owns the network; null for what the node computes itself. */
  network: z.string().nullable(),
  /** Of a trainer: the update. */
  forward: z.number(),
  backward: z.number(),
});
export type NodeTime = z.infer<typeof nodeTimeSchema>;

export const profileSchema = z.object({
  /** Steps that were measured. */
  steps: z.number().int(),
  /** Milliseconds of a step: all of it, what of it the runtime has, and what its operations have. */
  wall: z.number(),
  session: z.number(),
  operations: z.number(),
  /** Milliseconds of operations that belong to no node: those the runtime put in by itself. */
  unattributed: z.number(),
  nodes: z.array(nodeTimeSchema),
  /** Bytes; null where it is not known. */
  memory: z.object({
    process: z.number().nullable(),
    trained: z.number(),
    frozen: z.number(),
    /** Moments, averages and whatever else is carried from step to step. */
    carried: z.number(),
    /** Most that the operations held at once. */
    peak: z.number().nullable(),
  }),
  /** Bytes: into and out of the runtime in a step, and as pictures to viewers since the run began. */
  traffic: z.object({ fed: z.number(), fetched: z.number(), sent: z.number().nullable() }),
});
export type Profile = z.infer<typeof profileSchema>;

export interface NodeShare {
  readonly node: string;
  readonly forward: number;
  readonly backward: number;
  readonly total: number;
  /** Of the operations' time, 0..1. */
  readonly share: number;
}

const shares = (profile: Profile, keyOf: (time: NodeTime) => string | null): NodeShare[] => {
  const byNode = new Map<string, { forward: number; backward: number }>();
  for (const time of profile.nodes) {
    const key = keyOf(time);
    if (key === null) continue;
    const sum = byNode.get(key) ?? { forward: 0, backward: 0 };
    byNode.set(key, { forward: sum.forward + time.forward, backward: sum.backward + time.backward });
  }
  return [...byNode]
    .map(([node, { forward, backward }]) => {
      const total = forward + backward;
      return { node, forward, backward, total, share: profile.operations > 0 ? total / profile.operations : 0 };
    })
    .sort((a, b) => b.total - a.total);
};

/** Nodes with everything they do, applied networks included; the dearest first. They add up. */
export const byNode = (profile: Profile): NodeShare[] => shares(profile, ({ node }) => node);
/** The same time again, seen by the networks that are applied. */
export const byNetwork = (profile: Profile): NodeShare[] => shares(profile, ({ network }) => network);
