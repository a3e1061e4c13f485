/** Short messages that come and go: what was done, what failed, and one thing that can be done about it. */
import { defineStore } from "pinia";
import { shallowRef } from "vue";
import { messageOf } from "../api/apiError";

export interface Notice {
  id: number;
  level: "info" | "success" | "warning" | "error";
  text: string;
  action?: { label: string; run: () => void };
}

const SHOWN_FOR = { info: 5000, success: 3500, warning: 9000, error: 12_000 } as const;

export const useNoticeStore = defineStore("notices", () => {
  const notices = shallowRef<readonly Notice[]>([]);
  let last = 0;

  function dismiss(id: number): void {
    notices.value = notices.value.filter((notice) => notice.id !== id);
  }
  function show(level: Notice["level"], text: string, action?: Notice["action"]): void {
    const id = ++last;
    // The same words twice help nobody.
    notices.value = [...notices.value.filter((notice) => notice.text !== text), { id, level, text, action }].slice(-4);
    setTimeout(() => dismiss(id), action ? SHOWN_FOR[level] * 2 : SHOWN_FOR[level]);
  }
  const fail = (error: unknown, action?: Notice["action"]): void => show("error", messageOf(error), action);

  return { notices, show, fail, dismiss };
});
