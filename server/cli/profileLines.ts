/** A profile as a table for the terminal. */
import { byNetwork, byNode, type NodeShare, profileSchema } from "@distillery/shared/profile/profile";
import { alignedLines } from "./alignedLines";

export function profileLines(value: unknown): string[] {
  const parsed = profileSchema.safeParse(value);
  if (!parsed.success) return [];
  const profile = parsed.data;
  const { steps, wall, session, operations, unattributed, memory, traffic } = profile;
  const megabytes = (bytes: number | null) => (bytes === null ? "?" : `${(bytes / 1e6).toFixed(1)} MB`);
  const ms = (value: number) => value.toFixed(2);
  const rows = (title: string, all: readonly NodeShare[]) => [
    [title, "forward ms", "backward ms", "share"],
    ...all.map(({ node, forward, backward, share }) => [
      node,
      ms(forward),
      ms(backward),
      `${(100 * share).toFixed(1)} %`,
    ]),
  ];
  return [
    `profile of ${steps} steps: ${ms(wall)} ms a step, ${ms(session)} in the runtime, ${ms(operations)} in operations, ` +
      `${((100 * unattributed) / Math.max(operations, 1e-9)).toFixed(1)} % of them of no node`,
    ...alignedLines([...rows("node", byNode(profile)), ...rows("network", byNetwork(profile))]),
    `memory: process ${megabytes(memory.process)}, trained ${megabytes(memory.trained)}, frozen ${megabytes(memory.frozen)}, ` +
      `carried ${megabytes(memory.carried)}, operations at most ${megabytes(memory.peak)}`,
    `traffic: ${megabytes(traffic.fed)} in and ${megabytes(traffic.fetched)} out a step, ${megabytes(traffic.sent)} of pictures`,
  ];
}
