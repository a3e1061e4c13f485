/** What the scores of pictures are called, and which way is better. */
export interface Metric {
  readonly name: string;
  readonly title: string;
  readonly better: "higher" | "lower";
}

const KNOWN: Readonly<Record<string, readonly [title: string, better: Metric["better"]]>> = {
  styleSimilarity: ["Style similarity", "higher"],
  styleAccuracy: ["Style recognised", "higher"],
  contentAccuracy: ["Content recognised", "higher"],
  ssim: ["SSIM", "higher"],
  psnr: ["PSNR", "higher"],
  fd: ["FD", "lower"],
  aesthetic: ["Aesthetic score", "higher"],
  featureDistance: ["Feature distance", "lower"],
};
const SMALLER_IS_BETTER = /distance|error|loss|lpips|mse|^fd|fid/i;

const words = (name: string): string => {
  const text = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
};

export function metricOf(name: string): Metric {
  const [title, better] = KNOWN[name] ?? [words(name), SMALLER_IS_BETTER.test(name) ? "lower" : "higher"];
  return { name, title, better };
}

/** The axes of the paper's plot: how much it is in the style, over how much of the content is left. */
export function defaultAxes(names: readonly string[]): { x: string; y: string } {
  const style = names.find((name) => /style/i.test(name));
  const others = names.filter((name) => name !== style);
  const quality = others.find((name) => /content/i.test(name)) ?? others.find((name) => /ssim|psnr/i.test(name));
  const x = quality ?? others[0] ?? style ?? "";
  return { x, y: style ?? others.find((name) => name !== x) ?? x };
}
