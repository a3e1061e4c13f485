/** Templates in the order in which a newcomer needs them. */
interface Named {
  readonly id: string;
}

/** The one first here that the server has is what a newcomer sees. */
const ORDER = [
  "std-style",
  "std-2d",
  "std-inpaint",
  "std-style-32",
  "std-video",
  "mcm-video",
  "train-teacher",
  "train-motion",
  "train-features",
  "train-judge",
  "train-style-descriptor",
];
const rank = ({ id }: Named): number => (ORDER.includes(id) ? ORDER.indexOf(id) : ORDER.length);

export const inOrder = <T extends Named>(templates: readonly T[]): T[] =>
  [...templates].sort((a, b) => rank(a) - rank(b));

export interface TemplateGroup<T> {
  readonly title: string;
  readonly note: string;
  readonly templates: readonly T[];
}

/** Distillation first; what trains the parts that ship with the product after it. */
export function templateGroups<T extends Named>(templates: readonly T[]): TemplateGroup<T>[] {
  const isPart = ({ id }: T): boolean => id.startsWith("train-");
  const all = inOrder(templates);
  return [
    {
      title: "Distil",
      note: "A student learns to follow its teacher in a few steps.",
      templates: all.filter((each) => !isPart(each)),
    },
    {
      title: "Train your own parts",
      note: "How the bundled teacher, features and judges were made; on your own data as well.",
      templates: all.filter(isPart),
    },
  ].filter(({ templates: chosen }) => chosen.length > 0);
}
