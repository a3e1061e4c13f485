import { parseArgs } from "node:util";
import { describeLibrary, templates } from "../../graph/catalog";
import { library } from "../../packs/library";
import { type Command, UnusableInput } from "../command";
import { openedTemplate } from "../graphFile";

const json = { json: { type: "boolean", default: false } } as const;

export const templatesCommand: Command = {
  name: "templates",
  usage: "[ID [--preset NAME]] [--json]",
  summary: "List the graphs to begin with, or print one.",
  async run(args, { print }) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { ...json, preset: { type: "string" } },
      allowPositionals: true,
    });
    const [id] = positionals;
    if (id !== undefined) {
      const template = templates.find((entry) => entry.id === id);
      if (template === undefined)
        throw new UnusableInput(
          `There is no template "${id}"; there are ${templates.map((entry) => entry.id).join(", ")}.`,
        );
      print(JSON.stringify(openedTemplate(template, values.preset).graph, null, values.json ? undefined : 2));
      return 0;
    }
    if (values.preset !== undefined) throw new UnusableInput("--preset needs the id of a template.");
    for (const { id: name, name: title, description, graph, presets } of templates) {
      if (values.json) {
        const sizes = { nodes: graph.nodes.length, edges: graph.edges.length };
        print(JSON.stringify({ id: name, name: title, description, ...sizes, presets }));
        continue;
      }
      print(`${name.padEnd(20)} ${title}: ${description.split("\n")[0]}`);
      for (const preset of presets) print(`  --preset ${preset.id.padEnd(18)} ${preset.title}`);
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
