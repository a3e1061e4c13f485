/** The training stages of a run: the same document with other parameters, one after the other. */
import type { GraphDocument, Issue } from "../graph/document";
import { flatten } from "../graph/flatten";
import type { NodeLibrary, StagePlan } from "../graph/node";
import { nodeNamed, overridden, withParameters } from "../graph/overrides";
import type { ResolvedGraph, ResolvedNode } from "./resolve";

export interface TrainingStage extends StagePlan {
  /** Node that describes it, and how it is called. */
  readonly node: string;
  readonly title: string;
  /** The document as it is trained in this stage. */
  readonly document: GraphDocument;
}

/** Stages in their order; none where the whole run is one. */
export function trainingStagesOf(
  graph: ResolvedGraph,
  library: Pick<NodeLibrary, "get">,
): {
  stages: TrainingStage[];
  issues: Issue[];
} {
  const issues: Issue[] = [];
  const chain = chainOf(graph, issues);
  for (const { definition, id, title } of graph.nodes.values()) {
    if (definition.stage !== undefined && !chain.some((stage) => stage.id === id))
      issues.push({
        severity: "warning",
        code: "unused-stage",
        message: `"${title}" leads to no trainer, so it never runs: wire it to the next stage, the last one to the trainer.`,
        node: id,
      });
  }
  return { stages: chain.flatMap((node) => stageOf(node, graph, library, issues)), issues };
}

/** What is wired to a node's stage socket. */
const before = ({ definition, inputs }: ResolvedNode, graph: ResolvedGraph): ResolvedNode[] =>
  [...inputs].flatMap(([socket, edges]) =>
    definition.inputs[socket]?.type === "stage" ? edges.flatMap(({ from }) => graph.nodes.get(from.node) ?? []) : [],
  );

/** From the first stage to the one that is wired to a trainer. */
function chainOf(graph: ResolvedGraph, issues: Issue[]): ResolvedNode[] {
  const trainers = graph.order.filter(({ definition }) => definition.trainer !== undefined);
  const [last, other] = new Set(trainers.flatMap((trainer) => before(trainer, graph)));
  if (other !== undefined) {
    issues.push({
      severity: "error",
      code: "stage-chains",
      message: `Trainers share their stages, but "${last?.title}" and "${other.title}" both end a row of stages; wire one of them.`,
      node: other.id,
    });
    return [];
  }
  const chain: ResolvedNode[] = [];
  for (let stage = last; stage !== undefined; [stage] = before(stage, graph)) chain.unshift(stage);
  return chain;
}

function stageOf(
  node: ResolvedNode,
  graph: ResolvedGraph,
  library: Pick<NodeLibrary, "get">,
  issues: Issue[],
): TrainingStage[] {
  const plan = node.definition.stage?.(node.params);
  if (plan === undefined) return [];
  const { id, title } = node;
  const refuse = (code: string, message: string) =>
    issues.push({ severity: "error", code, message: `"${title}": ${message}`, node: id });
  const flat = flatten(graph.document);
  const { document, problems } = withParameters(graph.document, plan.overrides, library, id);
  for (const { message } of problems) refuse("stage-override", message);
  for (const path of Object.keys(plan.overrides)) {
    const found = overridden(flat, path, id);
    if (found === undefined || "several" in found) continue;
    const definition = graph.nodes.get(found.node)?.definition;
    if (definition?.stage !== undefined) refuse("stage-override", `"${path}": a stage cannot change a stage.`);
    if (definition?.trainer !== undefined && found.name === "steps")
      refuse("stage-override", `"${path}": the length of a stage is its own "Steps".`);
  }
  const named = (names: readonly string[]) =>
    names.map((name) => {
      const found = nodeNamed(flat, name, id);
      if (found === undefined) refuse("stage-node", `there is no node "${name}".`);
      return found ?? name;
    });
  const [merge, keep] = [named(plan.merge), named(plan.keep)];
  if (merge.length > 0 && before(node, graph).length === 0)
    refuse("stage-merge", "nothing was trained before the first stage, so there is nothing to work in.");
  for (const merged of merge) {
    const { definition, title: name } = graph.nodes.get(merged) ?? {};
    if (definition !== undefined && definition.merges === undefined)
      refuse("stage-merge", `"${name}" is no change of another network that could be worked into it; name a LoRA.`);
    const reader = keep.map((id) => graph.nodes.get(id)).find((kept) => kept && reads(kept, merged));
    if (reader !== undefined)
      refuse(
        "stage-merge",
        `"${reader.title}" goes on as a copy of "${name}", whose base changes here; let it begin anew.`,
      );
  }
  return [
    {
      ...plan,
      fresh: named(plan.fresh),
      merge,
      keep,
      node: id,
      title,
      document: lasting(document, plan.steps, library),
    },
  ];
}

/** Whether a node is a copy or an average of these weights; a trainer is not. */
const reads = ({ definition, inputs }: ResolvedNode, owner: string): boolean =>
  definition.trainer === undefined &&
  [...inputs].some(
    ([socket, edges]) => definition.inputs[socket]?.type === "weights" && edges.some(({ from }) => from.node === owner),
  );

/** Every trainer's length, and with it its schedule, is the stage's. */
const lasting = (document: GraphDocument, steps: number, library: Pick<NodeLibrary, "get">): GraphDocument => ({
  ...document,
  nodes: document.nodes.map((node) =>
    library.get(node.type)?.trainer === undefined ? node : { ...node, params: { ...node.params, steps } },
  ),
});
