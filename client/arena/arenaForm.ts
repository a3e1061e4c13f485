/** The form of a new arena: what is written in it, and the arena that it asks for. */
import { type ArenaSpecInput, arenaSpecSchema, untrainedOf } from "@distillery/shared/protocol/arena";
import type { GraphSummary } from "@distillery/shared/protocol/rest";
import type { MethodInfo } from "../api/arena";
import { say } from "../language";

const words = say.arena.setup;

export interface ArenaForm {
  name: string;
  /** Template ids. */
  templates: string[];
  /** Ids of saved graphs. */
  graphs: string[];
  /** The start of the first one is judged, too. */
  untrained: boolean;
  seeds: string;
  budget: "updates" | "seconds";
  updates: string;
  seconds: string;
  /** Empty: each graph its own. */
  batch: string;
  nfe: string;
  /** Empty: students as they are. */
  guidance: string;
  evaluationBatch: string;
  evaluationSeed: string;
  teacherNfe: string;
}

export const newForm = (): ArenaForm => ({
  name: "",
  templates: [],
  graphs: [],
  untrained: false,
  seeds: "3",
  budget: "updates",
  updates: "300",
  seconds: "120",
  batch: "",
  nfe: "8, 6, 4",
  guidance: "2, 4, 6, 8",
  evaluationBatch: "64",
  evaluationSeed: "1",
  teacherNfe: "50",
});

const numbersIn = (text: string): number[] =>
  text
    .split(/[\s,;]+/)
    .filter((part) => part !== "")
    .map(Number);
const numberIn = (text: string): number => (text.trim() === "" ? Number.NaN : Number(text));

/** The arena that the form asks for; else what is wrong, by the form's fields. */
export function specOf(
  form: ArenaForm,
  methods: readonly MethodInfo[],
  graphs: readonly GraphSummary[],
): { spec: ArenaSpecInput } | { problems: Partial<Record<keyof ArenaForm, string>> } {
  const chosen = [
    ...methods.flatMap(({ template, title }) =>
      form.templates.includes(template) ? [{ id: template, title, template }] : [],
    ),
    ...graphs.flatMap(({ id, name }) =>
      form.graphs.includes(id) ? [{ id: `graph-${id}`, title: name.slice(0, 100) || words.untitled, graphId: id }] : [],
    ),
  ];
  const spec: ArenaSpecInput = {
    name: form.name.trim() || nameOf(chosen.map(({ title }) => title)),
    methods: form.untrained ? [...chosen, ...untrainedOf<ArenaSpecInput["methods"][number]>(chosen)] : chosen,
    seeds: numberIn(form.seeds),
    budget: form.budget === "updates" ? { updates: numberIn(form.updates) } : { seconds: numberIn(form.seconds) },
    batch: form.batch.trim() === "" ? null : Number(form.batch),
    nfe: numbersIn(form.nfe),
    guidance: numbersIn(form.guidance),
    evaluation: {
      batch: numberIn(form.evaluationBatch),
      seed: numberIn(form.evaluationSeed),
      teacherNfe: numberIn(form.teacherNfe),
    },
  };
  const parsed = arenaSpecSchema.safeParse(spec);
  if (parsed.success) return { spec };
  const problems: Partial<Record<keyof ArenaForm, string>> = {};
  for (const { path } of parsed.error.issues) {
    const [field, part] = path.map(String);
    const known = fieldOf(field ?? "", part, form);
    if (known !== undefined) problems[known] = PROBLEMS[known];
  }
  return { problems };
}

function fieldOf(field: string, part: string | undefined, form: ArenaForm): keyof ArenaForm | undefined {
  if (field === "methods") return "templates";
  if (field === "budget") return form.budget;
  if (field === "evaluation")
    return part === "seed" ? "evaluationSeed" : part === "teacherNfe" ? "teacherNfe" : "evaluationBatch";
  return field === "name" || field === "seeds" || field === "batch" || field === "nfe" || field === "guidance"
    ? field
    : undefined;
}

const PROBLEMS: Partial<Record<keyof ArenaForm, string>> = words.problems;

/** `STD, LCM and 3 more` */
function nameOf(titles: readonly string[]): string {
  if (titles.length === 0) return words.unnamed;
  const shown = titles.length > 3 ? titles.slice(0, 2) : titles;
  return words.named(shown, titles.length - shown.length).slice(0, 200);
}

/** The form that would ask for an arena again, to be changed a little. */
export function formOf(
  spec: { methods: readonly { template?: string; graphId?: string; trains: boolean }[] } & Omit<FilledSpec, "methods">,
): ArenaForm {
  const { name, seeds, budget, batch, nfe, guidance, evaluation, methods } = spec;
  const form = newForm();
  const trained = methods.filter(({ trains }) => trains);
  return {
    ...form,
    name,
    templates: trained.flatMap(({ template }) => template ?? []),
    graphs: trained.flatMap(({ graphId }) => graphId ?? []),
    untrained: trained.length < methods.length,
    seeds: String(seeds),
    budget: "updates" in budget ? "updates" : "seconds",
    ...("updates" in budget ? { updates: String(budget.updates) } : { seconds: String(budget.seconds) }),
    batch: batch === null ? "" : String(batch),
    nfe: nfe.join(", "),
    guidance: guidance.join(", "),
    evaluationBatch: String(evaluation.batch),
    evaluationSeed: String(evaluation.seed),
    teacherNfe: String(evaluation.teacherNfe),
  };
}
type FilledSpec = ReturnType<typeof arenaSpecSchema.parse>;
