/** Finds the command, and turns what goes wrong into one line and an exit status. */
import { ConfigError } from "../config";
import { StorageError } from "../store/database";
import { VERSION } from "../version";
import { type Command, type Terminal, UnusableInput, WorkFailed } from "./command";
import { arena } from "./commands/arena";
import { bench } from "./commands/bench";
import { card } from "./commands/card";
import { nodes, templatesCommand } from "./commands/catalog";
import { doctor } from "./commands/doctor";
import { evaluate } from "./commands/evaluate";
import { exportCommand } from "./commands/export";
import { run } from "./commands/run";
import { sample } from "./commands/sample";
import { serveCommand } from "./commands/serve";
import { study } from "./commands/study";
import { stylize } from "./commands/stylize";
import { validate } from "./commands/validate";

const COMMANDS: readonly Command[] = [
  serveCommand,
  run,
  validate,
  templatesCommand,
  nodes,
  sample,
  evaluate,
  arena,
  stylize,
  exportCommand,
  card,
  study,
  bench,
  doctor,
];

function help(): string {
  const width = Math.max(...COMMANDS.map(({ name, usage }) => `${name} ${usage}`.length));
  const lines = COMMANDS.map(({ name, usage, summary }) => `  ${`${name} ${usage}`.padEnd(width)}  ${summary}`);
  return `distillery ${VERSION}\n\n${lines.join("\n")}\n\nExit status: 0 done, 1 the work failed, 2 unusable input.`;
}

/** Runs one command line; returns its exit status. */
export async function distillery([name, ...args]: readonly string[], terminal: Terminal): Promise<number> {
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    terminal.print(help());
    return name === undefined ? 2 : 0;
  }
  if (name === "--version" || name === "-v") {
    terminal.print(VERSION);
    return 0;
  }
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command === undefined) {
    terminal.complain(`There is no command "${name}"; distillery help lists them.`);
    return 2;
  }
  if (args.includes("--help")) {
    terminal.print(`distillery ${command.name} ${command.usage}\n${command.summary}`);
    return 0;
  }
  try {
    return await command.run(args, terminal);
  } catch (error) {
    if (error instanceof UnusableInput || error instanceof ConfigError) {
      terminal.complain(error.message);
      return 2;
    }
    if (error instanceof WorkFailed || error instanceof StorageError) {
      terminal.complain(error.message);
      return 1;
    }
    // parseArgs says clearly what is wrong with the arguments.
    if (error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")) {
      terminal.complain(`${error.message.split(". ")[0]}. Usage: distillery ${command.name} ${command.usage}`);
      return 2;
    }
    throw error;
  }
}
