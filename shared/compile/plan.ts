/** Resolved graph -> plan: every stage a run consists of. */
import type { Issue } from "../graph/document";
import type { Resources } from "../graph/wires";
import { buildObservers } from "./observers";
import type { ResolvedGraph } from "./resolve";
import { buildSampler } from "./samplerStage";
import { checkSamplerStarts } from "./samplerStarts";
import { buildScorers } from "./scorerStage";
import type { Plan, SamplerStage } from "./stages";
import { buildSurveys } from "./surveyStage";
import { buildTrain } from "./trainStage";

/** Builds every stage. Findings are collected; the plan is only usable when none is an error. */
export function buildPlan(graph: ResolvedGraph, resources: Resources): { plan: Plan; issues: Issue[] } {
  const issues: Issue[] = [];
  const train = buildTrain(graph, resources, issues);
  const samplers: SamplerStage[] = [];
  for (const node of graph.order) {
    if (node.definition.sampler === undefined) continue;
    const sampler = buildSampler(graph, node, resources, issues);
    if (sampler !== undefined) samplers.push(sampler);
  }
  checkSamplerStarts(train, samplers, issues);
  const observers = buildObservers(graph, samplers, resources, issues);
  const scorers = buildScorers(graph, samplers, resources, issues);
  const surveys = buildSurveys(graph, resources, issues);
  return { plan: { graph, train, samplers, observers, scorers, surveys }, issues: distinct(issues) };
}

function distinct(issues: readonly Issue[]): Issue[] {
  const seen = new Map(issues.map((issue) => [`${issue.code}|${issue.node}|${issue.message}`, issue]));
  return [...seen.values()];
}
