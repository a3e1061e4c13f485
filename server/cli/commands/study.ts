import { parseArgs } from "node:util";
import { studyStd } from "../../study/std";
import { type Command, UnusableInput } from "../command";

const USAGE = "std [--steps N] [--seeds N] [--batch N]";

export const study: Command = {
  name: "study",
  usage: USAGE,
  summary: "Train the same student by several recipes and compare them; goes on where it stopped.",
  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        steps: { type: "string", default: "300" },
        seeds: { type: "string", default: "3" },
        batch: { type: "string", default: "64" },
      },
    });
    if (positionals.length !== 1 || positionals[0] !== "std")
      throw new UnusableInput(`The one study there is is "std". Usage: distillery study ${USAGE}`);
    const whole = (name: "steps" | "seeds" | "batch"): number => {
      const value = Number(values[name]);
      if (Number.isInteger(value) && value >= 1) return value;
      throw new UnusableInput(`--${name} needs a whole number from 1 on, not "${values[name]}".`);
    };
    await studyStd({ steps: whole("steps"), seeds: whole("seeds"), batch: whole("batch") }, terminal);
    return 0;
  },
};
