/** A graph as one HTML file that needs no server: the built viewer page with everything it shows inside. */
import type { GraphNode } from "@distillery/shared/graph/document";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import { type Sheet, subgraphIdOf, subgraphsById } from "@distillery/shared/graph/subgraph";
import { withBorder, withSubgraphs } from "@distillery/shared/graph/subgraphDefinition";
import { DOCUMENT_ELEMENT, graphMarkup } from "@distillery/shared/picture/graphSvg";
import type { RecordedRun } from "@distillery/shared/protocol/shares";
import { escaped } from "@distillery/shared/text/escape";
import type { Exported } from "../app/exported";
import { vectorPicture } from "../app/vectorPicture";
import { formOf, isChanged, shortValue, valueAt } from "../editor/paramForm";
import { say } from "../language";
import type { RunSource } from "../run/runSource";
import { recordFrames } from "./recordFrames";
import { jsonForScript, type NodeFacts, VIEW_ELEMENT, type ViewData, type ViewSheet } from "./viewData";

export interface ExportedRun {
  readonly run: RecordedRun;
  readonly source: RunSource;
}

/** @param page the built `viewer.html`. */
export async function graphHtml(
  page: string,
  { document, stored }: Exported,
  library: Pick<NodeLibrary, "get">,
  recorded: ExportedRun | null,
): Promise<string> {
  const folded = subgraphsById(document);
  const known = withSubgraphs(library, (id) => folded.get(id));
  const { run, frames } = recorded ? await recordFrames(recorded.run, recorded.source) : { run: null, frames: {} };
  const data: ViewData = {
    name: document.name,
    description: document.description,
    savedAt: Date.now(),
    sheets: [
      sheetOf("", document.name, document, known),
      ...[...folded.values()].map((part) => sheetOf(part.id, part.name, part, withBorder(known, part))),
    ],
    run,
    frames,
  };
  const element = (id: string, value: unknown) =>
    `<script id="${id}" type="application/json">${jsonForScript(value)}</script>`;
  return page
    .replace(/<title>[^<]*<\/title>/, () => `<title>${escaped(document.name)}</title>`)
    .replace("</head>", () => `${element(DOCUMENT_ELEMENT, stored)}\n${element(VIEW_ELEMENT, data)}\n</head>`);
}

function sheetOf(id: string, name: string, sheet: Sheet, library: Pick<NodeLibrary, "get">): ViewSheet {
  const picture = vectorPicture(sheet, library);
  const nodes = sheet.nodes.map((node) => factsOf(node, library));
  return { id, name, bounds: picture.bounds, markup: graphMarkup(picture), nodes };
}

function factsOf(node: GraphNode, library: Pick<NodeLibrary, "get">): NodeFacts {
  const definition = library.get(node.type);
  const fields = definition ? formOf(definition) : [];
  return {
    id: node.id,
    title: node.title ?? definition?.title ?? node.type,
    type: node.type,
    family: definition?.family ?? null,
    help: definition?.help ?? say.viewer.unknownNode,
    formula: definition?.formula,
    source: definition?.source,
    opens: definition && subgraphIdOf(node),
    params: definition
      ? fields.map((field) => ({
          title: field.title,
          value:
            field.kind === "object" || field.kind === "json"
              ? JSON.stringify(valueAt(node.params, field) ?? null)
              : shortValue(valueAt(node.params, field), field),
          isChanged: isChanged(node.params, field),
        }))
      : Object.entries(node.params).map(([title, value]) => ({ title, value: JSON.stringify(value), isChanged: true })),
  };
}
