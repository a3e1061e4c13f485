/** Which pictures are told apart: the student's and a real one, each at some time of the noise schedule. */
import type { StageContext } from "@distillery/shared/graph/node";
import type { CodecValue, ImageValue, StateValue, TimeValue } from "@distillery/shared/graph/wires";
import type { Tensor } from "@distillery/shared/onnx/graph";
import { add, cast, floor, max, min, mul, sub } from "@distillery/shared/onnx/ops";
import { pixelsOf } from "../../model/pixels";
import { stateAt } from "../../schedule/prediction";
import { ownLabel, requireNotAfter } from "../../time/labels";
import { timeAt } from "../../time/offGrid";

export const MODES = ["x0", "xs", "xs-x0", "xs-xr", "xs-xR"] as const;
export type Mode = (typeof MODES)[number];

export interface Pictures {
  /** The student's state at s. */
  readonly fake: StateValue;
  /** The clean sample it was made from; for x0. */
  readonly predX0: ImageValue | undefined;
  /** The state the student jumped from; for xs-xR. */
  readonly start: StateValue | undefined;
  /** A picture, or, where the student works in latents, its latent. */
  readonly real: ImageValue;
  readonly codec?: CodecValue | undefined;
}

/**
 * x0: predicted clean sample and clean image; xs: x_s and the image noised to s; xs-x0: x_s and the clean image;
 * xs-xr: x_s and the image noised to r = floor(U s), so r < s; xs-xR: noised to r = s + floor(U (t - s)), noisier than s.
 * U ~ U[0, 1) per sample; r, s and t are raw timesteps. Latents, noisy ones too, are decoded as they are (methods 6.2).
 */
export function picturesOf(mode: Mode, given: Pictures, context: StageContext): { fake: Tensor; real: Tensor } {
  const { fake, predX0, real, codec } = given;
  const pixels = ({ x }: ImageValue, socket: string) => pixelsOf(x, codec, context, socket);
  const isAsStudent = real.x.shape.join() === fake.x.shape.join();
  const clean = codec === undefined || !isAsStudent ? real.x : codec.decode(real.x);
  const noised = (t: TimeValue) => {
    const x0 = codec === undefined || isAsStudent ? real.x : codec.encode(real.x);
    const eps = context.random("eps", { kind: "normal" }, x0.shape);
    return pixels({ x: stateAt(t, { predX0: x0, eps }) }, "real");
  };
  switch (mode) {
    case "x0":
      return {
        fake: pixels(
          predX0 ?? missing("predX0", "the student's clean sample: wire predX0 of its jump", mode, context),
          "predX0",
        ),
        real: clean,
      };
    case "xs-x0":
      return { fake: pixels(fake, "fake"), real: clean };
    case "xs":
      return { fake: pixels(fake, "fake"), real: noised(fake.t) };
    case "xs-xr":
    case "xs-xR":
      return { fake: pixels(fake, "fake"), real: noised(realTime(mode, given, context)) };
  }
}

/** The time r of the real image, on the schedule's raw timesteps. */
export function realTime(
  mode: "xs-xr" | "xs-xR",
  { fake, start }: Pick<Pictures, "fake" | "start">,
  context: StageContext,
): TimeValue {
  const { schedule } = fake.t;
  const { nodes } = schedule.solverGrid ?? schedule;
  const s = schedule.timestep(fake.t);
  const u = context.random("r", { kind: "uniform", low: 0, high: 1 }, s.shape);
  const label = ownLabel(context.nodeId, `the time of the real image in "${context.title}"`, 0, nodes);
  const at = (r: Tensor): TimeValue => timeAt(schedule, cast(r, "int64"), label);
  // Rounding can bring U s up to s itself.
  const below = (range: Tensor) => max(min(floor(mul(u, range)), sub(range, 1)), 0);
  if (mode === "xs-xr") return at(below(s));
  const from = start ?? missing("start", "the state that the student jumped from", mode, context);
  requireNotAfter(context, fake.t, from.t, "start");
  return at(add(s, below(sub(schedule.timestep(from.t), s))));
}

const missing = (socket: string, what: string, mode: Mode, context: StageContext): never =>
  context.fail(`the mode ${mode} needs ${what}.`, socket, "missing-input");
