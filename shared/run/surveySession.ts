/** Runs a survey: its host part leads, its stage answers batch by batch. */
import type { SurveyStage } from "../compile/stages";
import type { HostIo, HostPart, HostTensor, HostTensors } from "../graph/node";
import type { Resources } from "../graph/wires";
import type { Runtime } from "./runtime";
import { StageSession } from "./stageSession";
import type { VariableStore } from "./variables";

export class SurveySession {
  private hasRun = false;

  private constructor(
    readonly survey: SurveyStage,
    private readonly session: StageSession,
    private readonly host: HostPart,
    private readonly changes: boolean,
  ) {}

  /** `trained`: names of the variables that training updates. */
  static async create(
    survey: SurveyStage,
    runtime: Runtime,
    variables: VariableStore,
    resources: Resources,
    trained: ReadonlySet<string>,
  ): Promise<SurveySession> {
    const { node, builder, batch, wired } = survey;
    const session = await StageSession.create(survey, runtime, variables);
    const { seed } = builder.options;
    const host = await node.definition.host?.(node.params, { seed, batch, resources, inputs: wired, feeds: {} });
    const changes = [...builder.variables.keys()].some((name) => trained.has(name));
    return new SurveySession(survey, session, host ?? {}, changes);
  }

  /** Whether its numbers are asked for; they stay the same while no network it looks with changes. */
  isDue(isTime: (every: number) => boolean): boolean {
    return !this.hasRun || (this.changes && isTime(this.survey.every));
  }

  async run(io: HostIo, turn: () => Promise<void>): Promise<void> {
    this.hasRun = true;
    await this.host.survey?.(async (feeds) => {
      await turn();
      return this.answer(feeds);
    }, io);
  }

  dispose(): Promise<void> {
    return this.session.dispose();
  }

  private async answer(feeds: HostTensors): Promise<HostTensors> {
    const { inputs, outputs } = this.survey;
    const given: Record<string, HostTensor> = {};
    for (const [name, input] of Object.entries(inputs)) {
      const value = feeds[name];
      if (value === undefined) throw new Error(`"${this.survey.node.title}" feeds no "${name}".`);
      // What nothing depends on is not in the graph any more.
      if (this.survey.builder.graph.values.has(input)) given[input] = value;
    }
    const { values } = await this.session.run(0, given, Object.values(outputs));
    return Object.fromEntries(
      Object.entries(outputs).flatMap(([name, output]) => {
        const value = values[output];
        return value === undefined ? [] : [[name, value]];
      }),
    );
  }
}
