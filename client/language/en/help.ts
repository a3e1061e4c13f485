export const help = {
  title: "Help",
  types: "Node types",
  find: "Find a node type",
  all: "All help",
  missing: {
    title: "There is no such node type",
    text: (type: string) => `This version of Distillery knows no node type “${type}”.`,
  },
  start: {
    label: "Start here",
    lead: "A graph is a training step: data becomes noised states, the teacher moves them along its path, the student learns to arrive in one jump. Every wire can be looked into while it runs.",
    /** By the command that each is about. */
    ways: {
      tour: "Two minutes through a whole distillation, at the real controls.",
      search: "One field finds nodes, commands, templates, runs and help.",
      shortcuts: "Every key and every gesture of the mouse.",
      open: "Graphs to begin with: STD, and seven other methods.",
    },
    partsTitle: "The parts of a distillation",
    /** A term, and what it does: read one after the other. */
    parts: {
      start: { term: "Start", text: "noises clean samples to where the path begins." },
      bank: {
        term: "Trajectory bank",
        text: "keeps half-walked paths between steps, so that the student meets every time on one trajectory.",
      },
      solver: { term: "Solver step", text: "moves a state along the teacher's path by one node of the grid." },
      jump: { term: "Jump", text: "lets a network go straight to an earlier time in one evaluation." },
      distance: { term: "Distance", text: "is small when two jumps from one path land on the same point." },
      trainer: { term: "Trainer", text: "turns the sum of its losses into a step of the student." },
    },
    pages: (key: string) => `Select a node and press ${key} for its page. Every page has an address of its own.`,
  },
  article: {
    inputs: "Inputs",
    outputs: "Outputs",
    notes: (notes: readonly string[]) => notes.join(", "),
    shape: "Shape in the open graph",
    params: "Parameters",
    initial: "Default",
    wiring: "How it is wired",
    example: (nodes: number, template: string) => `${nodes} nodes, as in the template “${template}”.`,
    insert: "Insert this example",
  },
  /** What a parameter may be; `unit` begins with a space where there is one. */
  ranges: {
    number: "number",
    wholeNumber: "whole number",
    between: (noun: string, min: number, max: number, unit: string) => `${noun}, ${min} to ${max}${unit}`,
    from: (noun: string, min: number, unit: string) => `${noun}, from ${min}${unit}`,
    upTo: (noun: string, max: number, unit: string) => `${noun}, up to ${max}${unit}`,
    onOff: "on or off",
    anyOf: (options: readonly string[]) => `any of ${options.join(", ")}`,
    twoNumbers: (unit: string) => `two numbers${unit}`,
    numbers: "a list of numbers",
    text: "text",
  },
};
