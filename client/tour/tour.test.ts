// @vitest-environment happy-dom
import { library } from "@distillery/nodes/library";
import { templates } from "@distillery/nodes/templates/index";
import { createPinia, setActivePinia } from "pinia";
import { beforeEach, expect, it } from "vitest";
import { useDocumentStore } from "../editor/documentStore";
import { placeCard } from "./placeCard";
import { STEPS, TEMPLATE, type TourWorld } from "./steps";
import { useTourStore } from "./tourStore";

beforeEach(() => {
  localStorage.clear();
  setActivePinia(createPinia());
});

it("goes through its steps, forwards and back, and is not offered again", () => {
  const tour = useTourStore();
  expect(tour.step).toBeNull();
  expect(tour.isSettled).toBe(false);
  tour.start();
  tour.next();
  tour.back();
  expect(tour.index).toBe(0);
  for (const _ of STEPS) tour.next();
  expect(tour.step).toBeNull();
  expect(tour.isSettled).toBe(true);
});

it("goes on after a reload where it was", () => {
  useTourStore().start();
  useTourStore().next();
  setActivePinia(createPinia());
  expect(useTourStore().step?.id).toBe("run");
  useTourStore().end();
  setActivePinia(createPinia());
  expect(useTourStore().step).toBeNull();
  expect(useTourStore().isSettled).toBe(true);
});

it("does what it asks for, on the template's own nodes", () => {
  const documents = useDocumentStore();
  documents.useLibrary(library);
  documents.load(templates.find(({ id }) => id === TEMPLATE)?.document);
  const ran: string[] = [];
  const dock: TourWorld["dock"] = {
    tab: "trajectories",
    isFolded: false,
    show(tab) {
      Object.assign(dock, { tab });
    },
  };
  const run = { runId: null as string | null };
  const started = (id: string) => {
    ran.push(id);
    run.runId = "r1";
    return true;
  };
  const session = {
    view: null,
    panels: { palette: true, inspector: false, minimap: true, shortcuts: false, history: false },
  };
  const world = { commands: { run: started }, documents, session, dock, run } as TourWorld;
  for (const step of STEPS) {
    step.enter?.(world);
    if (!step.act) continue;
    expect(step.isDone?.(world), step.id).toBe(false);
    step.act.run(world);
    expect(step.isDone?.(world), step.id).toBe(true);
  }
  expect(ran).toEqual(["run.start", "run.start"]);
  expect(session.panels.inspector).toBe(true);
});

it("points at controls in every language, not by what they are called", () => {
  for (const { target } of STEPS) expect(target).not.toMatch(/aria-label|title/);
});

it("puts its card beside the control, and inside what fills the window", () => {
  const card = { width: 320, height: 180 };
  const window = { width: 1440, height: 900 };
  const button = { left: 250, top: 10, width: 70, height: 30 };
  expect(placeCard(button, card, window)).toEqual({ left: 125, top: 54 });
  const panel = { left: 200, top: 500, width: 900, height: 400 };
  expect(placeCard(panel, card, window).top).toBe(500 - 14 - 180);
  const inspector = { left: 1170, top: 50, width: 270, height: 850 };
  expect(placeCard(inspector, card, window)).toEqual({ left: 1170 - 14 - 320, top: 62 });
  const all = { left: 0, top: 0, width: 1440, height: 900 };
  expect(placeCard(all, card, window).top).toBe(900 - 180 - 28);
});
