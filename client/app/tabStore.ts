/** Which graphs are open in this window and which one is on the screen; each keeps its undo, its view and its selection. */
import { defineStore } from "pinia";
import { computed, shallowRef } from "vue";
import { useDocumentStore } from "../editor/documentStore";
import { useSessionStore } from "../editor/sessionStore";
import { storedDrafts } from "./drafts";
import { freeKey, newTab, recalledTabs, rememberTabs, type Tab } from "./tabs";

export const useTabStore = defineStore("tabs", () => {
  const documents = useDocumentStore();
  const session = useSessionStore();
  const recalled = recalledTabs(storedDrafts());
  const all = shallowRef<readonly Tab[]>(recalled.tabs);
  const activeKey = shallowRef(recalled.tabs[recalled.active]?.key ?? "new");
  const active = computed((): Tab => all.value.find(({ key }) => key === activeKey.value) ?? newTab("new"));

  const isShown = (tab: Tab): boolean => tab.open !== null && documents.shown === tab.open;
  /** Its name, and whether it has changes that are not saved. */
  function seen({ open, name, isModified, ...tab }: Tab): { name: string; isModified: boolean } {
    if (!open) return { name, isModified };
    if (isShown({ ...tab, open, name, isModified }))
      return { name: documents.meta.name, isModified: documents.isModified };
    return { name: open.editor.meta.name, isModified: open.editor.stamp !== open.savedStamp };
  }
  /** Writes down which tabs there are, for a reload. */
  const remember = (): void =>
    rememberTabs(
      all.value.map((tab) => ({ ...tab, ...seen(tab) })),
      activeKey.value,
    );

  function update(key: string, patch: Partial<Omit<Tab, "key">>): void {
    all.value = all.value.map((tab) => (tab.key === key ? { ...tab, ...patch } : tab));
    remember();
  }
  /** A tab beside the active one, or in its place. */
  function add(known: Partial<Omit<Tab, "key">>, { replaces }: { replaces: boolean }): Tab {
    const key = replaces ? activeKey.value : freeKey([...all.value.map((tab) => tab.key), ...storedDrafts()]);
    const tab = newTab(key, known);
    const at = all.value.findIndex((each) => each.key === activeKey.value);
    all.value = [...all.value.slice(0, replaces ? at : at + 1), tab, ...all.value.slice(at + 1)];
    return tab;
  }
  /** Takes a tab away; the one beside it becomes active where it was. A window always has one. */
  function remove(key: string): void {
    const at = all.value.findIndex((tab) => tab.key === key);
    const left = all.value.filter((tab) => tab.key !== key);
    if (at < 0) return;
    all.value = left.length > 0 ? left : [newTab(freeKey([key, ...storedDrafts()]))];
    if (activeKey.value === key) activeKey.value = all.value[Math.min(at, all.value.length - 1)]?.key ?? "new";
    remember();
  }

  /** Keeps what only the screen knows of the active tab. */
  function park(): void {
    const { viewport, selectedNodes: nodes, selectedFrames: frames } = session;
    if (isShown(active.value)) update(activeKey.value, { view: { viewport, nodes, frames } });
    else remember();
  }
  /** Makes a tab the active one; returns whether there was something to show at once. */
  function activate(key: string): boolean {
    if (key !== activeKey.value) park();
    activeKey.value = key;
    remember();
    const { open, view } = active.value;
    if (!open) return false;
    if (isShown(active.value)) return true;
    documents.show(open);
    session.readOnly = open.untouched !== null;
    session.hoveredNode = null;
    session.hoveredEdge = null;
    session.select(view?.nodes ?? [], view?.frames ?? []);
    if (view) {
      session.viewport = view.viewport;
      session.view?.setViewport(view.viewport);
    }
    return true;
  }

  return { all, active, seen, update, add, remove, park, activate };
});
