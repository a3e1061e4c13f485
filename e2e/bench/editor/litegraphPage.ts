/** The graph in litegraph, which draws everything on one canvas. Runs in the browser. */
import { LGraph, LGraphCanvas, LGraphNode, LiteGraph } from "@comfyorg/litegraph";
import type { PlainGraph, PlainNode } from "./graph";
import { type LibraryPage, shown } from "./libraryPage";

document.body.innerHTML = `<style>html, body { height: 100%; margin: 0; overflow: hidden }</style><canvas id="canvas"></canvas>`;
const canvas = document.querySelector("canvas");
if (!canvas) throw new Error("There is no canvas.");
canvas.width = innerWidth;
canvas.height = innerHeight;

const graph = new LGraph();
const view = new LGraphCanvas(canvas, graph);
view.ds.min_scale = 0.02;

class BenchNode extends LGraphNode {
  constructor() {
    super("node");
  }
}
LiteGraph.registerNodeType("bench/node", BenchNode);

function add(plain: PlainNode): LGraphNode {
  const node = LiteGraph.createNode("bench/node");
  if (!node) throw new Error("litegraph made no node.");
  node.title = plain.title;
  for (const name of plain.inputs) node.addInput(name, "*");
  for (const name of plain.outputs) node.addOutput(name, "*");
  for (const { title, value } of plain.lines) node.addWidget("text", title, value, () => {});
  node.pos = [plain.x, plain.y];
  node.size = [220, 220];
  graph.add(node);
  return node;
}

async function show({ nodes, wires }: PlainGraph): Promise<void> {
  const byId = new Map(nodes.map((plain) => [plain.id, { plain, node: add(plain) }]));
  for (const { from, to } of wires) {
    const [source, target] = [byId.get(from.node), byId.get(to.node)];
    if (!source || !target) continue;
    source.node.connect(source.plain.outputs.indexOf(from.socket), target.node, target.plain.inputs.indexOf(to.socket));
  }
  view.ds.offset = [40, 70];
  view.setDirty(true, true);
  await shown(() => true);
}

const page: LibraryPage = {
  show,
  fit() {
    const boxes = graph.nodes.map(({ pos, size }) => [pos[0] + size[0], pos[1] + size[1]] as const);
    const width = Math.max(...boxes.map(([x]) => x));
    const height = Math.max(...boxes.map(([, y]) => y));
    view.ds.scale = Math.min(1, innerWidth / (width + 60), innerHeight / (height + 90));
    view.ds.offset = [30, 60];
    view.setDirty(true, true);
  },
  header() {
    const { offset, scale } = view.ds;
    for (const { pos } of graph.nodes) {
      const [x, y] = [(pos[0] + offset[0]) * scale, (pos[1] + offset[1]) * scale];
      if (x > 300 && y > 200 && x < 700 && y < 500) return { x: x + 60, y: y - 12 };
    }
    throw new Error("No node is in the middle of the window.");
  },
  selected: () => view.selectedItems.size,
};
Object.assign(window, { bench: page });
