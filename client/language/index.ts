/**
 * Every word of the editor. The language is chosen when the page is loaded, not later, so that a constant may be written
 * in it; whoever changes it loads the page again. What the server and the nodes say comes with their definitions, in English.
 */
import { z } from "zod";
import { readKept, writeKept } from "../settings/kept";
import { en } from "./en";

export type Messages = typeof en;

/** Languages by their tag, named in themselves. A further one is a folder beside `en` and a line here. */
const LANGUAGES = {
  en: { name: "English", load: async (): Promise<Messages> => en },
  "zh-CN": { name: "简体中文", load: async (): Promise<Messages> => (await import("./zh-CN")).messages },
} as const;
type Language = keyof typeof LANGUAGES;

const KEY = "language";
const choiceSchema = z.enum(["system", "en", "zh-CN"]);
export type LanguageChoice = z.infer<typeof choiceSchema>;

export const languageNames = Object.entries(LANGUAGES).map(([id, { name }]) => [id as Language, name] as const);

/** The first of the wanted languages there is: exactly, or another one of the same tongue. */
export function preferredLanguage(wanted: readonly string[]): Language {
  const tags = Object.keys(LANGUAGES) as Language[];
  const tongue = (tag: string) => tag.split("-")[0];
  for (const tag of wanted) {
    const found = tags.find((each) => each === tag) ?? tags.find((each) => tongue(each) === tongue(tag));
    if (found) return found;
  }
  return "en";
}

export const languageChoice = (): LanguageChoice => readKept(KEY, choiceSchema, "system");

export function chooseLanguage(choice: LanguageChoice): void {
  writeKept(KEY, choice);
  location.reload();
}

function chosen(): Language {
  if (typeof document === "undefined") return "en";
  const choice = languageChoice();
  return choice === "system" ? preferredLanguage(navigator.languages) : choice;
}

export const language = chosen();
if (typeof document !== "undefined") document.documentElement.lang = language;

/** What to say: `say.settings.title`, or `say.queue.waiting(3)` where a value goes in. */
export const say: Messages = await LANGUAGES[language].load();
