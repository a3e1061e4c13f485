/** 简体中文 (Simplified Chinese). */
import type { Messages } from "..";
import { api } from "./api";
import { arena } from "./arena";
import { canvas } from "./canvas";
import { compare } from "./compare";
import { document } from "./document";
import { editor } from "./editor";
import { formula } from "./formula";
import { help } from "./help";
import { panels } from "./panels";
import { playground } from "./playground";
import { run } from "./run";
import { search } from "./search";
import { settings } from "./settings";
import { trajectory } from "./trajectory";
import { viewer } from "./viewer";
import { viewers } from "./viewers";

export const messages: Messages = {
  api,
  arena,
  canvas,
  compare,
  document,
  editor,
  formula,
  help,
  panels,
  playground,
  run,
  search,
  settings,
  trajectory,
  viewer,
  viewers,
};
