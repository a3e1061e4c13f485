import { expect, test } from "vitest";
import type { EventBody } from "../protocol/events";
import { Report } from "./report";

const STEPS = 1000;

const reportTo = (events: EventBody[], now: () => number) =>
  new Report({ now, sink: { event: (body) => events.push(body), frame: () => undefined } }, STEPS);

/** A thousand steps of `milliseconds` each, of which a node speaks at every tenth. */
function trained(milliseconds: number) {
  const events: EventBody[] = [];
  let time = 0;
  const report = reportTo(events, () => time);
  for (let step = 0; step < STEPS; step++) {
    time += milliseconds;
    if ((step + 1) % 10 === 0) {
      const io = report.stepIoFor(step)("bank");
      io.data("bank", { filled: step });
      io.metric("filled", step);
    }
    report.step(step + 1, 1, {});
  }
  const of = <T extends EventBody["type"]>(type: T) =>
    events.filter((event): event is Extract<EventBody, { type: T }> => event.type === type);
  return { report, metrics: of("metric"), data: of("data"), steps: of("step") };
}

test("fast steps are told ten times a second, and what nodes say of them no oftener", () => {
  const { report, metrics, data, steps } = trained(1);
  expect(steps.length).toBeLessThanOrEqual(12);
  expect(metrics.length).toBeLessThanOrEqual(12);
  expect(data).toHaveLength(metrics.length);
  expect([metrics.at(-1), data.at(-1)]).toMatchObject([
    { step: 999, value: 999 },
    { step: 999, value: { filled: 999 } },
  ]);
  expect(report.metrics().filled).toBe(999);
});

test("of slow steps nothing is left out", () => {
  const { metrics, data, steps } = trained(200);
  expect([steps.length, metrics.length, data.length]).toEqual([STEPS, STEPS / 10, STEPS / 10]);
});

test("an evaluation is told at once", () => {
  const events: EventBody[] = [];
  reportTo(events, () => 0)
    .ioFor(5)("errors")
    .metric("trajectoryError", 0.5);
  expect(events).toEqual([{ type: "metric", step: 5, node: "errors", name: "trajectoryError", value: 0.5 }]);
});
