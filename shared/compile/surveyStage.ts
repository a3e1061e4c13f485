/** A survey's graph: what it looks with, and what its host part wants to know of a batch. */
import type { Issue } from "../graph/document";
import type { Resources, WireType, WireValues } from "../graph/wires";
import { Emission } from "./emit";
import { ancestors, buildOptions, isEmitting, type ResolvedGraph, type ResolvedNode, sourcesOf } from "./resolve";
import { StageBuilder } from "./stageBuilder";
import type { SurveyStage } from "./stages";

export function buildSurveys(graph: ResolvedGraph, resources: Resources, issues: Issue[]): SurveyStage[] {
  return graph.order.flatMap((node) =>
    node.definition.survey === undefined ? [] : (buildSurvey(graph, node, resources, issues) ?? []),
  );
}

function buildSurvey(
  graph: ResolvedGraph,
  node: ResolvedNode,
  resources: Resources,
  issues: Issue[],
): SurveyStage | undefined {
  const { survey } = node.definition;
  if (survey === undefined) return undefined;
  const batch = survey.batch(node.params);
  const builder = new StageBuilder({
    name: `${node.id}.survey`,
    kind: "sample",
    batch,
    ...buildOptions(graph),
    resources,
  });
  const emission = new Emission(graph, builder, issues);
  const needed = ancestors(graph, sourcesOf(node, { delayed: false }), { delayed: false });
  for (const each of graph.order) if (needed.has(each.id) && isEmitting(each)) emission.emit(each);
  const values = emission.inputsOf(node, { delayed: false });
  if (values === undefined) return undefined;

  return emission.attempt(node, () => {
    const context = builder.context(node.id, node.title);
    const inputs: Record<string, string> = {};
    const emitted = builder.graph.scope(node.id, () =>
      survey.emit(values, node.params, context, (name, dtype, shape) => {
        const tensor = builder.graph.input(`${node.id}.${name}`, dtype, shape);
        inputs[name] = tensor.name;
        return tensor;
      }),
    );
    const outputs = Object.fromEntries(
      Object.entries(emitted).map(([name, tensor]) => [name, builder.expose(tensor).name]),
    );
    issues.push(...builder.warnings);
    builder.prune();
    return {
      builder,
      values: emission.values,
      nodes: emission.emitted,
      node,
      wired: wiredTo(node, emission),
      batch,
      every: survey.every(node.params),
      outputs,
      inputs,
    };
  });
}

function wiredTo(node: ResolvedNode, emission: Emission): Record<string, WireValues[WireType][]> {
  return Object.fromEntries(
    [...node.inputs].map(([socket, edges]) => [socket, edges.flatMap((edge) => emission.valueOf(edge) ?? [])]),
  );
}
