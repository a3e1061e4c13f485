/** Two minutes through a whole distillation, at the real controls of the template `std-2d`. */
import type { useCommandStore } from "../editor/commandStore";
import type { useDocumentStore } from "../editor/documentStore";
import type { useSessionStore } from "../editor/sessionStore";
import { say } from "../language";
import type { useDockStore } from "../panels/dockStore";
import type { useRunStore } from "../run/runStore";

/** The parts of the editor that a step looks at and acts on. */
export interface TourWorld {
  readonly commands: Pick<ReturnType<typeof useCommandStore>, "run">;
  readonly documents: Pick<ReturnType<typeof useDocumentStore>, "node" | "graph" | "edit">;
  readonly session: Pick<ReturnType<typeof useSessionStore>, "view" | "panels">;
  readonly dock: Pick<ReturnType<typeof useDockStore>, "tab" | "isFolded" | "show">;
  readonly run: Pick<ReturnType<typeof useRunStore>, "runId">;
}

export interface TourStep {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  /** Selector of the control it points at. */
  readonly target: string;
  /** Brings the control on the screen. */
  enter?(world: TourWorld): void;
  /** What the step asks for, done by one button: for those who would rather watch, and for the keyboard. */
  readonly act?: { readonly label: string; run(world: TourWorld): void };
  /** Whether what it asks for has been done. */
  isDone?(world: TourWorld): boolean;
  /** Done as soon as the control itself was moved. */
  readonly doneOnInput?: boolean;
}

const { steps, acts, edit } = say.tour;

export const TEMPLATE = "std-2d";
/** The network whose width the tour changes. */
const STUDENT = "student";
const NARROW = 32;

export const STEPS: readonly TourStep[] = [
  {
    id: "canvas",
    ...steps.canvas,
    target: "[role=application]",
    enter: ({ session }) => session.view?.fit(),
  },
  {
    id: "run",
    ...steps.run,
    target: "[data-testid=run]",
    act: { label: acts.run, run: ({ commands }) => void commands.run("run.start") },
    isDone: ({ run }) => run.runId !== null,
  },
  {
    id: "watch",
    ...steps.watch,
    target: "[data-testid=dock]",
    enter: ({ dock }) => dock.show("trajectories"),
  },
  {
    id: "scrub",
    ...steps.scrub,
    target: "[data-testid=training-step]",
    enter: ({ dock }) => dock.show("trajectories"),
    doneOnInput: true,
  },
  {
    id: "curves",
    ...steps.curves,
    target: "[data-testid=tab-curves]",
    act: { label: acts.curves, run: ({ dock }) => dock.show("curves") },
    isDone: ({ dock }) => dock.tab === "curves" && !dock.isFolded,
  },
  {
    id: "change",
    ...steps.change,
    target: "[data-testid=inspector]",
    enter: ({ session, documents }) => {
      session.panels.inspector = true;
      if (documents.graph().nodes.has(STUDENT)) session.view?.reveal(STUDENT);
    },
    act: {
      label: acts.change(NARROW),
      run: ({ documents }) => {
        if (documents.graph().nodes.has(STUDENT)) documents.edit(edit, (t) => t.setParam(STUDENT, "width", NARROW));
      },
    },
    isDone: ({ documents }) => documents.node(STUDENT)?.params.width === NARROW,
  },
  {
    id: "compare",
    ...steps.compare,
    target: "[data-testid=tab-runs]",
    act: {
      label: acts.compare,
      run: ({ commands, dock }) => {
        commands.run("run.start");
        dock.show("runs");
      },
    },
    isDone: ({ dock }) => dock.tab === "runs" && !dock.isFolded,
  },
  {
    id: "share",
    ...steps.share,
    target: "[data-testid=share]",
  },
];
