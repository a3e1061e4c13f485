/** The graph in Vue Flow's fastest mode: only what is in view is rendered. Runs in the browser. */
import { Handle, type Node, type NodeProps, Position, useVueFlow, VueFlow } from "@vue-flow/core";
import style from "@vue-flow/core/dist/style.css?inline";
import { createApp, defineComponent, h, markRaw } from "vue";
import type { PlainGraph, PlainNode } from "./graph";
import { headerInView, type LibraryPage, shown } from "./libraryPage";

const CARD = `
  html, body, #app { height: 100%; margin: 0; font: 12px sans-serif; }
  .card { position: relative; width: 220px; height: 220px; border: 1px solid #ccc; border-radius: 8px; background: #fff;
    box-shadow: 0 1px 3px rgb(0 0 0 / 12%); contain: layout style; }
  .card header { height: 34px; padding: 0 10px; border-bottom: 1px solid #ddd; border-radius: 7px 7px 0 0; background: #eef3fb;
    font-weight: 600; line-height: 34px; }
  .selected .card { outline: 2px solid #36c; }
  .socket { position: absolute; height: 22px; line-height: 22px; }
  .lines { position: absolute; bottom: 8px; left: 10px; right: 10px; }
  .line { display: flex; justify-content: space-between; height: 18px; }
  .vue-flow__handle { position: absolute; width: 11px; height: 11px; min-width: 0; }
`;
const sockets = (names: readonly string[], side: "input" | "output") =>
  names.map((name, row) =>
    h(
      "div",
      {
        key: name,
        class: "socket",
        style: { top: `${40 + 22 * row}px`, [side === "input" ? "left" : "right"]: "10px" },
      },
      [
        h(Handle, {
          id: name,
          type: side === "input" ? "target" : "source",
          position: side === "input" ? Position.Left : Position.Right,
          style: { top: "11px", [side === "input" ? "left" : "right"]: "-10px" },
        }),
        name,
      ],
    ),
  );
const Card = defineComponent({
  props: { data: { type: Object, required: true } },
  setup: (props: Pick<NodeProps<PlainNode>, "data">) => () =>
    h("div", { class: "card" }, [
      h("header", props.data.title),
      ...sockets(props.data.inputs, "input"),
      ...sockets(props.data.outputs, "output"),
      h(
        "div",
        { class: "lines" },
        props.data.lines.map(({ title, value }) => h("div", { class: "line" }, [h("span", title), h("span", value)])),
      ),
    ]),
});

async function show(graph: PlainGraph): Promise<void> {
  const { fitView } = flow();
  // With their size known, nodes outside the view are not mounted even at first.
  const dimensions = { width: 220, height: 220 };
  const nodes = graph.nodes.map((data) => ({
    id: data.id,
    type: "card",
    position: { x: data.x, y: data.y },
    dimensions,
    data,
  }));
  const edges = graph.wires.map(({ from, to }, i) => ({
    id: `e${i}`,
    source: from.node,
    target: to.node,
    sourceHandle: from.socket,
    targetHandle: to.socket,
  }));
  createApp({
    render: () =>
      h(VueFlow, {
        id: "bench",
        nodes: nodes as Node[],
        edges,
        nodeTypes: { card: markRaw(Card) as never },
        onlyRenderVisibleElements: true,
        defaultViewport: { x: 40, y: 40, zoom: 1 },
        minZoom: 0.02,
        // The middle button pans, the left one selects.
        panOnDrag: [1],
        selectionKeyCode: true,
      }),
  }).mount("#app");
  await shown(() => document.querySelectorAll(".vue-flow__node .card").length > 0);
  fit = () => void fitView({ padding: 0.02 });
}
const flow = () => useVueFlow("bench");
let fit = (): void => {};

document.body.innerHTML = `<style>${style}${CARD}</style><div id="app"></div>`;
const page: LibraryPage = {
  show,
  fit: () => fit(),
  header: () => headerInView(document.querySelectorAll(".card header")),
  selected: () => flow().getSelectedNodes.value.length,
};
Object.assign(window, { bench: page });
