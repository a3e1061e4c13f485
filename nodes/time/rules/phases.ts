import { edgeBelow, phaseEdges } from "../windows";
import { asIndex, atNode, type TargetRule, targetLabel } from "./rule";

/** PCM: the largest phase edge <= n, of edges floor(linspace(0, N eta, M, endpoint excluded)). */
export const phases: TargetRule<{ eta: number; phases: number }> = (x, params, context) => {
  const { schedule, label } = x.t;
  const table = edgeBelow(phaseEdges(schedule.nodes, params.eta, params.phases), schedule.nodes);
  const [lowest, highest] = [table[label.min] as number, table[label.max] as number];
  return { schedule, node: asIndex(atNode(x, table)), label: targetLabel(x, lowest, highest, context) };
};
