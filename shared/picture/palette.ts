/** Colours of a graph's picture outside the editor: those of `client/theme/tokens.css`, which a test holds this to. */
import type { Family } from "../graph/node";
import type { WireType } from "../graph/wires";

export interface Palette {
  readonly canvas: string;
  readonly card: string;
  readonly cardBorder: string;
  readonly borderStrong: string;
  readonly text: string;
  readonly text2: string;
  readonly text3: string;
  readonly accent: string;
  readonly wire: Readonly<Record<WireType, string>>;
  readonly family: Readonly<Record<Family, string>>;
}

export const LIGHT: Palette = {
  canvas: "#f6f6f8",
  card: "#ffffff",
  cardBorder: "#dbdce3",
  borderStrong: "#cbccd4",
  text: "#1b1c22",
  text2: "#565963",
  text3: "#666974",
  accent: "#4553d1",
  wire: {
    state: "#5b5bd6",
    image: "#0e8f84",
    time: "#b7791f",
    schedule: "#8a7a3f",
    condition: "#b0449b",
    weights: "#d0562b",
    features: "#5f8f1f",
    loss: "#cf3a53",
    trajectory: "#2179c7",
    dataset: "#2f8a4f",
    metric: "#6b7280",
    scalar: "#7c6a5c",
    stage: "#3f7f8c",
    codec: "#8a4fb0",
  },
  family: {
    data: "#2f8a4f",
    schedule: "#8a7a3f",
    model: "#d0562b",
    time: "#b7791f",
    solver: "#5b5bd6",
    bank: "#0e8f84",
    student: "#b0449b",
    loss: "#cf3a53",
    train: "#a02f6b",
    evaluate: "#2179c7",
    inspect: "#4a6fa5",
    export: "#6b7280",
    subgraph: "#3d6b7d",
  },
};

export const DARK: Palette = {
  canvas: "#15161b",
  card: "#20232b",
  cardBorder: "#383c48",
  borderStrong: "#41454f",
  text: "#eceef3",
  text2: "#adb1bd",
  text3: "#8f94a2",
  accent: "#5a68e8",
  wire: {
    state: "#8f90ff",
    image: "#2cc4b4",
    time: "#e6ad4b",
    schedule: "#c9b66b",
    condition: "#e07fce",
    weights: "#f58a5f",
    features: "#a2cf57",
    loss: "#f7768e",
    trajectory: "#62b0f2",
    dataset: "#62c386",
    metric: "#a5adba",
    scalar: "#c0ab99",
    stage: "#7cc0cd",
    codec: "#c596ea",
  },
  family: {
    data: "#62c386",
    schedule: "#c9b66b",
    model: "#f58a5f",
    time: "#e6ad4b",
    solver: "#8f90ff",
    bank: "#2cc4b4",
    student: "#e07fce",
    loss: "#f7768e",
    train: "#ea7fb4",
    evaluate: "#62b0f2",
    inspect: "#8fb0dd",
    export: "#a5adba",
    subgraph: "#86b9cc",
  },
};
