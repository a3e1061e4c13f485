import { byNode, type Profile } from "@distillery/shared/profile/profile";
import { csv } from "@distillery/shared/text/csv";

/** A line for each node and network it applies, the dearest node first; the last one is what belongs to no node. */
export function profileCsv(profile: Profile): string {
  const order = new Map(byNode(profile).map(({ node }, i) => [node, i]));
  const place = (node: string) => order.get(node) ?? order.size;
  const share = (time: number) => time / profile.operations;
  return csv([
    ["node", "network", "forward ms", "backward ms", "share"],
    ...[...profile.nodes]
      .sort((a, b) => place(a.node) - place(b.node))
      .map(({ node, network, forward, backward }) => [
        node,
        network ?? "",
        forward,
        backward,
        share(forward + backward),
      ]),
    ["", "", profile.unattributed, 0, share(profile.unattributed)],
  ]);
}
