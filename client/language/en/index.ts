/** English: a file for each room of the client. */
import { canvas } from "./canvas";
import { document } from "./document";
import { editor } from "./editor";
import { formula } from "./formula";
import { help } from "./help";
import { playground } from "./playground";
import { search } from "./search";
import { settings } from "./settings";
import { viewer } from "./viewer";

export const en = { canvas, document, editor, formula, help, playground, search, settings, viewer };
