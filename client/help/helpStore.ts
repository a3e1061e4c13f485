/** What a help page asks of the editor, which may have to open first. */
import { defineStore } from "pinia";
import { shallowRef } from "vue";

export const useHelpStore = defineStore("help", () => ({
  /** Node type whose example is to be inserted. */
  wanted: shallowRef<string | null>(null),
}));
