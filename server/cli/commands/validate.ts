import { parseArgs } from "node:util";
import { validateDocument } from "@distillery/shared/compile/validate";
import { library } from "../../packs/library";
import { type Command, UnusableInput } from "../command";
import { issueLine, readGraph } from "../graphFile";
import { withStore } from "../session";

export const validate: Command = {
  name: "validate",
  usage: "GRAPH.json [--preset NAME] [--json]",
  summary: "Say everything that is wrong with a graph, without running it.",
  async run(args, { print }) {
    const options = { json: { type: "boolean", default: false }, preset: { type: "string" } } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const graph = await readGraph(positionals[0], "validate GRAPH.json [--preset NAME]", values.preset);
    const { issues } = await withStore(async ({ runs }) => validateDocument(graph, library, runs.resources()));
    const errors = issues.filter((issue) => issue.severity === "error");
    if (values.json) print(JSON.stringify({ valid: errors.length === 0, issues }));
    else for (const issue of issues) print(`${issue.severity}: ${issueLine(issue)}`);
    const [first] = errors;
    if (first === undefined) {
      if (!values.json) print(`${positionals[0]} is valid.`);
      return 0;
    }
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
    throw new UnusableInput(`${positionals[0]}: ${issueLine(first)}${more}`);
  },
};
