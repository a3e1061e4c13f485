/**
 * Which templates are methods of distillation that the arena compares, under the names of their papers and in the order of
 * its table. Those of one medium share data, teacher and held-out start: the arena refuses to compare what begins from
 * other pictures or clips.
 */
export interface MethodTemplate {
  readonly id: string;
  readonly title: string;
  readonly medium: Medium;
}
export const MEDIA = ["images", "clips"] as const;
export type Medium = (typeof MEDIA)[number];

export const METHODS: readonly MethodTemplate[] = [
  { id: "std-style", title: "STD", medium: "images" },
  { id: "lcm", title: "LCM", medium: "images" },
  { id: "tcd", title: "TCD", medium: "images" },
  { id: "pcm", title: "PCM", medium: "images" },
  { id: "tdd", title: "TDD", medium: "images" },
  { id: "hyper-sd", title: "Hyper-SD", medium: "images" },
  { id: "sdxl-lightning", title: "SDXL-Lightning", medium: "images" },
  { id: "std-video", title: "STD", medium: "clips" },
  { id: "mcm-video", title: "MCM", medium: "clips" },
];
