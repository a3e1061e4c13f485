/** 简体中文 (Simplified Chinese). */
import type { Messages } from "..";
import { search } from "./search";
import { settings } from "./settings";

export const messages: Messages = { search, settings };
