/** Choices that depend on the rest of the graph or on what is on the server: data sets, models, classes. */
import type { GraphNode } from "@distillery/shared/graph/document";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import type { UserDatasetInfo, UserModelInfo } from "@distillery/shared/graph/wires";
import type { GraphView } from "../../document/records";
import { say } from "../../language";
import { formOf, valueAt } from "../paramForm";
import { parameterChoices } from "./overrides";

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export interface ChoiceSources {
  readonly graph: GraphView;
  readonly library: Pick<NodeLibrary, "get">;
  readonly datasets: readonly UserDatasetInfo[];
  readonly models: readonly UserModelInfo[];
}

/** What a field with this widget may be set to, or `null` when the widget asks for no list. */
export function choicesFor(widget: string | undefined, node: GraphNode, sources: ChoiceSources): Choice[] | null {
  switch (widget) {
    case "dataset":
      return sources.datasets.map(({ id, name, count, size }) => ({
        value: id,
        label: say.editor.fields.dataset(name, count, size),
      }));
    case "model":
      return modelChoices(sources.models);
    case "denoiser":
      return modelChoices(sources.models.filter(isToldTheTime));
    case "encoder":
      return modelChoices(sources.models.filter(takesOnlyImages));
    case "classes":
      return classesAt(node, sources).map((name) => ({ value: name, label: name }));
    case "overrides":
      return parameterChoices(sources);
    case "nodes":
      return [...sources.graph.nodes.values()]
        .filter(({ id }) => id !== node.id)
        .map(({ id, title, type }) => ({ value: id, label: title ?? sources.library.get(type)?.title ?? id }));
    default:
      return null;
  }
}

const modelChoices = (models: readonly UserModelInfo[]): Choice[] =>
  models.map(({ id, name }) => ({ value: id, label: name }));

/** Denoisers take the state and the time; encoders look at images and nothing else. */
const isToldTheTime = ({ inputs }: UserModelInfo): boolean => inputs.length > 1;
const takesOnlyImages = ({ inputs }: UserModelInfo): boolean => inputs.length === 1 && inputs[0]?.shape.length === 4;

/** Classes of the data set that is connected to a node; none when there is no such wire or the set has no classes. */
function classesAt(node: GraphNode, { graph, library, datasets }: ChoiceSources): readonly string[] {
  for (const key of graph.edgesOf(node.id)) {
    const edge = graph.edges.get(key);
    const source = edge?.to.node === node.id ? graph.nodes.get(edge.from.node) : undefined;
    const definition = source && library.get(source.type);
    if (!edge || !source || definition?.outputs[edge.from.socket]?.type !== "dataset") continue;
    const fields = formOf(definition);
    const registered = fields.find(({ widget }) => widget === "dataset");
    if (registered) {
      const id = valueAt(source.params, registered);
      return datasets.find((each) => each.id === id)?.classes ?? [];
    }
    // A data set that is drawn in several styles has them as its classes.
    const styles = fields.find(({ path }) => path.join(".") === "styles");
    const chosen = styles && valueAt(source.params, styles);
    return Array.isArray(chosen) ? chosen.filter((each) => typeof each === "string") : [];
  }
  return [];
}
