export const tour = {
  title: "Guided tour",
  place: (step: number, count: number) => `${step} of ${count}`,
  end: "End the tour",
  done: "Done",
  back: "Back",
  next: "Next",
  finish: "Finish",
  invitation: {
    title: "New here?",
    text: "Two minutes through a whole distillation: run it, watch it, change it, compare, share.",
    start: "Start the tour",
    notNow: "Not now",
  },
  edit: "Change parameter",
  steps: {
    canvas: {
      title: "A graph is one training step",
      text: "Left: data under noise. The teacher moves it along its path, the bank keeps paths that are half walked, and the student learns to jump. Drag to move, turn the wheel to zoom.",
    },
    run: {
      title: "Train it",
      text: "Run compiles the graph and trains the student, here or on the server's device. This one takes some ten seconds.",
    },
    watch: {
      title: "Watch the trajectories",
      text: "Each line is one sample on its way from noise to data: blue the teacher's, orange the student's in 8 steps, or in 6 or 4 if you choose so. They change while it trains.",
    },
    scrub: {
      title: "Go back in time",
      text: "Move the slider to see what the student did earlier in its training. At the right end it follows the run.",
    },
    curves: {
      title: "Read the curves",
      text: "The loss says how far two jumps from one path land apart. Trajectory error compares the student's whole path with the teacher's: lower is better.",
    },
    change: {
      title: "Change something",
      text: "Select a node to see its parameters. Make the student's network narrower and see what that costs. Undo takes everything back.",
    },
    compare: {
      title: "Compare two runs",
      text: "Run again; every run keeps the graph that made it. Tick two of them in the list, then press Compare: curves, scores and pictures stand side by side.",
    },
    share: {
      title: "Share it",
      text: "Share saves the graph and gives you a link that others can look at and fork. You find this tour again under “Guided tour” in the search and in the help.",
    },
  },
  acts: {
    run: "Run it",
    curves: "Show the curves",
    change: (width: number) => `Set the width to ${width}`,
    compare: "Run again, show the runs",
  },
};
