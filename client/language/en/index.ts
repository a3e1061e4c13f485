/** English: a file for each room of the client. */
import { search } from "./search";
import { settings } from "./settings";

export const en = { search, settings };
