/** Two minutes through a whole distillation, at the real controls of the template `std-2d`. */
import type { useCommandStore } from "../editor/commandStore";
import type { useDocumentStore } from "../editor/documentStore";
import type { useSessionStore } from "../editor/sessionStore";
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

export const TEMPLATE = "std-2d";
/** The network whose width the tour changes. */
const STUDENT = "student";
const NARROW = 32;

export const STEPS: readonly TourStep[] = [
  {
    id: "canvas",
    title: "A graph is one training step",
    text: "Left: data under noise. The teacher moves it along its path, the bank keeps paths that are half walked, and the student learns to jump. Drag to move, turn the wheel to zoom.",
    target: "[role=application]",
    enter: ({ session }) => session.view?.fit(),
  },
  {
    id: "run",
    title: "Train it",
    text: "Run compiles the graph and trains the student, here or on the server's device. This one takes some ten seconds.",
    target: "[data-testid=run]",
    act: { label: "Run it", run: ({ commands }) => void commands.run("run.start") },
    isDone: ({ run }) => run.runId !== null,
  },
  {
    id: "watch",
    title: "Watch the trajectories",
    text: "Each line is one sample on its way from noise to data: blue the teacher's, orange the student's in 8 steps, or in 6 or 4 if you choose so. They change while it trains.",
    target: "[aria-label=Panels]",
    enter: ({ dock }) => dock.show("trajectories"),
  },
  {
    id: "scrub",
    title: "Go back in time",
    text: "Move the slider to see what the student did earlier in its training. At the right end it follows the run.",
    target: "[aria-label='Training step']",
    enter: ({ dock }) => dock.show("trajectories"),
    doneOnInput: true,
  },
  {
    id: "curves",
    title: "Read the curves",
    text: "The loss says how far two jumps from one path land apart. Trajectory error compares the student's whole path with the teacher's: lower is better.",
    target: "[data-testid=tab-curves]",
    act: { label: "Show the curves", run: ({ dock }) => dock.show("curves") },
    isDone: ({ dock }) => dock.tab === "curves" && !dock.isFolded,
  },
  {
    id: "change",
    title: "Change something",
    text: "Select a node to see its parameters. Make the student's network narrower and see what that costs. Undo takes everything back.",
    target: "[aria-label=Inspector]",
    enter: ({ session, documents }) => {
      session.panels.inspector = true;
      if (documents.graph().nodes.has(STUDENT)) session.view?.reveal(STUDENT);
    },
    act: {
      label: `Set the width to ${NARROW}`,
      run: ({ documents }) => {
        if (documents.graph().nodes.has(STUDENT))
          documents.edit("Change parameter", (t) => t.setParam(STUDENT, "width", NARROW));
      },
    },
    isDone: ({ documents }) => documents.node(STUDENT)?.params.width === NARROW,
  },
  {
    id: "compare",
    title: "Compare two runs",
    text: "Run again; every run keeps the graph that made it. Tick two of them in the list, then press Compare: curves, scores and pictures stand side by side.",
    target: "[data-testid=tab-runs]",
    act: {
      label: "Run again, show the runs",
      run: ({ commands, dock }) => {
        commands.run("run.start");
        dock.show("runs");
      },
    },
    isDone: ({ dock }) => dock.tab === "runs" && !dock.isFolded,
  },
  {
    id: "share",
    title: "Share it",
    text: "Share saves the graph and gives you a link that others can look at and fork. You find this tour again under “Guided tour” in the search and in the help.",
    target: "[data-testid=share]",
  },
];
