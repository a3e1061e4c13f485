/** What is found in several stages of training is said once; what only some of them have names the stage. */
import type { Issue } from "../graph/document";
import type { VariableSpec } from "../graph/node";
import type { PlannedStage } from "./stages";
import type { TrainingStage } from "./trainingStages";

const keyOf = ({ code, node, message }: Issue): string => `${code}|${node}|${message}`;

/** `findings` of each stage, in order. */
export function sharedFindings(stages: readonly TrainingStage[], findings: readonly (readonly Issue[])[]): Issue[] {
  const found = new Map<string, { issue: Issue; stages: TrainingStage[] }>();
  findings.forEach((issues, i) => {
    for (const issue of issues) {
      const entry = found.get(keyOf(issue)) ?? { issue, stages: [] };
      found.set(keyOf(issue), entry);
      const stage = stages[i];
      if (stage !== undefined && entry.stages.at(-1) !== stage) entry.stages.push(stage);
    }
  });
  return [...found.values()].map(({ issue, stages: having }) =>
    having.length === stages.length
      ? issue
      : { ...issue, message: `In ${having.map(({ title }) => `"${title}"`).join(", ")}: ${issue.message}` },
  );
}

/**
 * Whether the next stage begins with this value: of trained parameters those that do not begin anew, of kept nodes all, and
 * whatever bases have become.
 */
export const carriesOver = (
  { owner, role }: { owner: string; role: VariableSpec["role"] },
  { fresh, merge, keep }: Pick<PlannedStage, "fresh" | "merge" | "keep">,
): boolean =>
  role === "base" ||
  (!merge.includes(owner) && (keep.includes(owner) || (role === "parameter" && !fresh.includes(owner))));

/** What carries over has to keep its shape. */
export function shapeFindings(stages: readonly PlannedStage[]): Issue[] {
  return stages.slice(1).flatMap(({ plan, node, title, index, ...handed }) => {
    const before = stages[index - 1]?.plan.train?.builder.variables;
    const changed = [...(plan.train?.builder.variables ?? [])].find(([name, { spec, owner }]) => {
      const old = before?.get(name);
      return (
        old !== undefined &&
        carriesOver({ owner, role: spec.role }, handed) &&
        old.spec.shape.join() !== spec.shape.join()
      );
    });
    if (changed === undefined || node === null) return [];
    const owner = changed[1].owner;
    const message =
      `"${title}" changes the shape of "${changed[0]}", so its values cannot carry over from the stage before. ` +
      `Leave what shapes "${owner}" alone, or let it begin afresh.`;
    return [{ severity: "error", code: "stage-shape", message, node } as const];
  });
}
