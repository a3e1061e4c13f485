/** The `distillery` command. */
import type { Terminal } from "./command";
import { distillery } from "./distillery";

const terminal: Terminal = {
  print: (line) => process.stdout.write(`${line}\n`),
  complain: (line) => process.stderr.write(`${line}\n`),
};

// A reader that went away (`| head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
});

let status: number;
try {
  status = await distillery(process.argv.slice(2), terminal);
} catch (error) {
  terminal.complain(`Unexpected: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  status = 1;
}
// Everything printed must have left before the process ends.
process.stdout.write("", () => process.exit(status));
