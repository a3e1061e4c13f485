import { parseArgs } from "node:util";
import { serve } from "../../serve";
import type { Command } from "../command";

export const serveCommand: Command = {
  name: "serve",
  usage: "[--port N] [--host ADDRESS]",
  summary: "Start the server and the editor (also PORT, HOST, DISTILLERY_HOME, DISTILLERY_TOKEN).",
  async run(args) {
    const { values } = parseArgs({ args: [...args], options: { port: { type: "string" }, host: { type: "string" } } });
    return serve({
      ...process.env,
      ...(values.port === undefined ? {} : { PORT: values.port }),
      ...(values.host === undefined ? {} : { HOST: values.host }),
    });
  },
};
