/** Templates in the order in which a newcomer needs them. */
import { say } from "../language";

const words = say.app.templates;

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
  "lcm",
  "tcd",
  "pcm",
  "tdd",
  "hyper-sd",
  "sdxl-lightning",
  "sdxl-lightning-chain",
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

/** The method the product is about, then its neighbours, then what trains the parts that ship with the product. */
export function templateGroups<T extends Named>(templates: readonly T[]): TemplateGroup<T>[] {
  const isPart = ({ id }: T): boolean => id.startsWith("train-");
  const isStd = ({ id }: T): boolean => id.startsWith("std-");
  const all = inOrder(templates);
  return [
    {
      ...words.distil,
      templates: all.filter(isStd),
    },
    {
      ...words.others,
      templates: all.filter((each) => !isPart(each) && !isStd(each)),
    },
    {
      ...words.parts,
      templates: all.filter(isPart),
    },
  ].filter(({ templates: chosen }) => chosen.length > 0);
}
