/** Keeps the page's title and, once the person asked for it, the desktop informed about the run in view. */
import { isFinal } from "@distillery/shared/protocol/events";
import { defineStore } from "pinia";
import { onScopeDispose, ref, watch } from "vue";
import { useDocumentStore } from "../editor/documentStore";
import { say } from "../language";
import { endNotice, pageTitle } from "../run/runNotice";
import { useRunStore } from "../run/runStore";
import { useNoticeStore } from "./noticeStore";

const KEY = "distillery.notify";

export const useNotifySetting = defineStore("notify", () => {
  const isOn = ref(
    localStorage.getItem(KEY) === "on" && "Notification" in globalThis && Notification.permission === "granted",
  );
  const notices = useNoticeStore();

  /** The browser is asked only here, on a click. */
  async function toggle(): Promise<void> {
    if (!isOn.value && !("Notification" in globalThis)) {
      notices.show("warning", say.app.notify.none);
      return;
    }
    const next = !isOn.value && (await Notification.requestPermission()) === "granted";
    if (!isOn.value && !next) notices.show("warning", say.app.notify.refused);
    isOn.value = next;
    localStorage.setItem(KEY, next ? "on" : "off");
  }
  return { isOn, toggle };
});

export function useRunNotifier(): void {
  const documents = useDocumentStore();
  const run = useRunStore();
  const setting = useNotifySetting();
  const isUnseen = ref(false);
  const isWatched = (): boolean => document.visibilityState === "visible" && document.hasFocus();

  watch(
    () => pageTitle(documents.meta.name, run.status, Math.floor(run.progress * 100) / 100, isUnseen.value),
    (title) => {
      document.title = title;
    },
    { immediate: true },
  );
  watch(
    () => [run.runId, run.status] as const,
    ([id, status], [idBefore, before]) => {
      // Only an end that happens now: not a run that is opened later.
      if (id !== idBefore || !status || !isFinal(status) || !before || isFinal(before) || run.isLoading) return;
      isUnseen.value = !isWatched();
      const { log, record } = run;
      if (!setting.isOn || isWatched() || !log || !record) return;
      const seconds = log.startedAt === null || log.lastTime === null ? 0 : (log.lastTime - log.startedAt) / 1000;
      const notice = endNotice({ title: record.label || record.graphName, status, seconds, error: log.error });
      if (!notice) return;
      const shown = new Notification(notice.title, { body: notice.body, tag: log.runId });
      shown.onclick = () => {
        window.focus();
        shown.close();
      };
    },
    // While `isLoading` still tells what is read from the log from what happens now.
    { flush: "sync" },
  );
  const seen = (): void => {
    if (isWatched()) isUnseen.value = false;
  };
  addEventListener("focus", seen);
  document.addEventListener("visibilitychange", seen);
  onScopeDispose(() => {
    removeEventListener("focus", seen);
    document.removeEventListener("visibilitychange", seen);
    document.title = "Distillery";
  });
}
