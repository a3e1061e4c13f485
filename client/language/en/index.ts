/** English: a file for each room of the client. */
import { api } from "./api";
import { app } from "./app";
import { arena } from "./arena";
import { canvas } from "./canvas";
import { commands } from "./commands";
import { compare } from "./compare";
import { dialogs } from "./dialogs";
import { document } from "./document";
import { editor } from "./editor";
import { formula } from "./formula";
import { help } from "./help";
import { panels } from "./panels";
import { playground } from "./playground";
import { run } from "./run";
import { search } from "./search";
import { settings } from "./settings";
import { theme } from "./theme";
import { tour } from "./tour";
import { trajectory } from "./trajectory";
import { viewer } from "./viewer";
import { viewers } from "./viewers";

export const en = {
  api,
  app,
  arena,
  canvas,
  commands,
  compare,
  dialogs,
  document,
  editor,
  formula,
  help,
  panels,
  playground,
  run,
  search,
  settings,
  theme,
  tour,
  trajectory,
  viewer,
  viewers,
};
