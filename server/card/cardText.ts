/** The model card for people: Markdown, from the machine-readable card and what the run recorded. */
import type { ModelCard } from "@distillery/nodes/models/index";
import type { RunFacts } from "./facts";

export function cardText(card: ModelCard, facts: RunFacts, hasSheet: boolean): string {
  const ports = (list: ModelCard["inputs"]) =>
    list.map(({ name, dtype, shape }) => `\`${name}\` ${dtype} [${shape.join(", ")}]`).join(", ");
  return [
    `# ${card.title}`,
    "",
    facts.description,
    "",
    "| | |",
    "| --- | --- |",
    `| Architecture | ${card.architecture} |`,
    `| Inputs | ${ports(card.inputs)} |`,
    `| Outputs | ${ports(card.outputs)} |`,
    `| Data | ${card.data} |`,
    `| Licence | ${card.licence} |`,
    `| Training | ${card.steps} steps, seed ${card.seed}, ${facts.device}, ${Math.round(facts.seconds / 60)} minutes |`,
    `| Made by | \`${card.command}\` |`,
    `| Graph | ${facts.graph}, content hash \`${facts.graphHash.slice(0, 16)}\` |`,
    "",
    "## Measured",
    "",
    "| | |",
    "| --- | --- |",
    ...Object.entries(card.numbers).map(([name, value]) => `| ${name} | ${value} |`),
    "",
    "![Loss over the training steps](curve.png)",
    ...(hasSheet ? ["", "![Samples: one row per held-out start, noise to the left](sheet.png)"] : []),
    "",
    "## Settings",
    "",
    "| node | type | parameters |",
    "| --- | --- | --- |",
    ...facts.nodes.map(({ title, type, params }) => `| ${title} | \`${type}\` | ${parameters(params)} |`),
    "",
  ].join("\n");
}

const parameters = (params: Readonly<Record<string, unknown>>): string =>
  Object.entries(params)
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join(" ") : String(value)}`)
    .join(", ");
