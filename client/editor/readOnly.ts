/** Commands that change the graph: not while it is read only, nor where what they need is not there. */

import { say } from "../language";
import type { Command } from "./commandStore";

type Condition = Required<Pick<Command, "canExecute" | "whyNot">>;

/** Makes the condition that `holds`, beside that the graph may be changed; `why` says what is missing otherwise. */
export const whenEditable =
  (session: { readonly readOnly: boolean }) =>
  (holds: () => boolean = () => true, why: string | (() => string) = ""): Condition => ({
    canExecute: () => !session.readOnly && holds(),
    whyNot: () => {
      if (session.readOnly) return say.editor.readOnly;
      return typeof why === "string" ? why : why();
    },
  });
