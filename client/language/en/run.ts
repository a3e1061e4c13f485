export const run = {
  status: {
    queued: "Queued",
    starting: "Starting",
    running: "Running",
    paused: "Paused",
    cancelling: "Cancelling",
    done: "Done",
    failed: "Failed",
    cancelled: "Cancelled",
  },
  noneInView: "No run is in view.",
  recorded: (status: string, step: number, steps: number, seed: number, device: string) =>
    `${status}, ${step === steps ? `${steps} steps` : `step ${step} of ${steps}`}, seed ${seed}, ${device}`,
  failed: "The run failed.",
  log: {
    stage: (place: number, count: number, title: string, begin: number, end: number) =>
      `Stage ${place} of ${count}, "${title}": steps ${begin} to ${end}.`,
    removed: (isTapped: boolean, steps: number, megabytes: string, isOwnBudget: boolean) => {
      const what = `${isTapped ? "Tapped values" : "Pictures"} of ${steps === 1 ? "one step" : `${steps} steps`}`;
      const why = isOwnBudget ? "the disk budget of a run" : "the disk budget of all runs";
      return `${what} (${megabytes} MB) were removed to stay within ${why}.`;
    },
  },
  notice: {
    untitled: "Untitled",
    waiting: "Waiting",
    pausedAt: (share: string) => `Paused at ${share}`,
    done: (title: string) => `${title} is done`,
    after: (seconds: number) => `After ${seconds} s.`,
    failed: (title: string) => `${title} failed`,
  },
  differences: {
    graph: "Graph",
    seed: "Seed",
    node: "Node",
    type: "Node type",
    mode: "Mode",
    wire: "Wire",
    wired: "wired",
  },
  settings: { node: "node", wired: "yes" },
  sweep: {
    none: "Give at least one value.",
    numbers: "Give numbers with commas between them.",
    ends: "Give both ends of the range.",
    steps: (most: number) => `Give 2 to ${most} steps.`,
    aboveZero: "A logarithmic range needs ends above zero.",
  },
};
