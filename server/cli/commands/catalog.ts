import { parseArgs } from "node:util";
import { library } from "@distillery/nodes/library";
import { describeLibrary, templates } from "../../graph/catalog";
import { type Command, UnusableInput } from "../command";

const json = { json: { type: "boolean", default: false } } as const;

export const templatesCommand: Command = {
  name: "templates",
  usage: "[ID] [--json]",
  summary: "List the graphs to begin with, or print one.",
  async run(args, { print }) {
    const { values, positionals } = parseArgs({ args: [...args], options: json, allowPositionals: true });
    const [id] = positionals;
    if (id !== undefined) {
      const template = templates.find((entry) => entry.id === id);
      if (template === undefined)
        throw new UnusableInput(
          `There is no template "${id}"; there are ${templates.map((entry) => entry.id).join(", ")}.`,
        );
      print(JSON.stringify(template.graph, null, values.json ? undefined : 2));
      return 0;
    }
    for (const { id: name, name: title, description, graph } of templates) {
      if (values.json)
        print(
          JSON.stringify({ id: name, name: title, description, nodes: graph.nodes.length, edges: graph.edges.length }),
        );
      else print(`${name.padEnd(20)} ${title}: ${description.split("\n")[0]}`);
    }
    return 0;
  },
};

export const nodes: Command = {
  name: "nodes",
  usage: "[--json]",
  summary: "List the node library with sockets and parameters.",
  async run(args, { print }) {
    const { values } = parseArgs({ args: [...args], options: json });
    for (const node of describeLibrary(library)) {
      if (values.json) {
        print(JSON.stringify(node));
        continue;
      }
      const sockets = (list: typeof node.inputs) =>
        list.map(({ name, type }) => (name === type ? name : `${name}:${type}`)).join(", ");
      print(`${node.type.padEnd(28)} ${node.title} (${sockets(node.inputs)}) -> (${sockets(node.outputs)})`);
    }
    return 0;
  },
};
