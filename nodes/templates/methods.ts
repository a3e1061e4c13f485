/**
 * Which templates are methods of distillation that the arena compares, under the names of their papers and in the order of
 * its table. They share data, teacher and held-out start; the arena refuses to compare what begins from other pictures.
 */
export const METHOD_NAMES: Readonly<Record<string, string>> = {
  "std-style": "STD",
  lcm: "LCM",
  tcd: "TCD",
  pcm: "PCM",
  tdd: "TDD",
  "hyper-sd": "Hyper-SD",
  "sdxl-lightning": "SDXL-Lightning",
};
