import type { HostOptions, HostPart } from "@distillery/shared/graph/node";
import type { DatasetValue } from "@distillery/shared/graph/wires";
import { randomStream } from "@distillery/shared/random/philox";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contextOf, emit, newStage, noResources, stableDiffusion } from "../testing/stage";
import { type DrawParams, drawSamples } from "./drawSamples";
import { indexedReader } from "./indexedReader";
import { start } from "./start";

const CLASSES = 3;
const ITEMS = 5;
const numberOf = (item: number, classIndex: number) => 100 * classIndex + item;

/** Every item in every class; its picture is one number that says which. */
const paired: DatasetValue = {
  id: "paired",
  title: "Paired",
  sampleShape: [1],
  classes: ["A", "B", "C"],
  contents: ["even", "odd"],
  paired: true,
  open: async () => {
    const samples = Array.from({ length: ITEMS * CLASSES }, (_, i) => ({
      item: Math.floor(i / CLASSES),
      classIndex: i % CLASSES,
      contentIndex: Math.floor(i / CLASSES) % 2,
      isHeldOut: false,
    }));
    return {
      ...indexedReader(samples, (i, out, offset) => {
        const { item, classIndex } = samples[i] as (typeof samples)[number];
        out[offset] = numberOf(item, classIndex);
      }),
      readItem: (item, classIndex, out, offset) => {
        out[offset] = numberOf(item, classIndex);
      },
    };
  },
};

const batch = 400;
const wanted: HostOptions["feeds"] = { answer: { dtype: "float32", shape: [batch, 1] } };
async function drawn(params: Partial<DrawParams>, declared: HostOptions["feeds"] = wanted) {
  const given = start.params.parse(params) as unknown;
  const host: HostPart = await drawSamples(z.custom<DrawParams>().parse(given), {
    seed: 1,
    batch,
    resources: noResources,
    inputs: { dataset: [paired] },
    feeds: declared,
  });
  const feeds = host.before?.(3, (stream) => randomStream(1, stream, 3)) ?? {};
  const numbers = (name: string) => Array.from(feeds[name]?.data ?? [], Number);
  return { x0: numbers("x0"), answer: numbers("answer"), class: numbers("class"), content: numbers("content"), feeds };
}

describe("drawing samples of a paired data set", () => {
  it("shows each item in every class in turn, when told so", async () => {
    const { x0, class: classes, content } = await drawn({ everyClass: true });
    const items = x0.map((value) => value % 100);
    x0.forEach((value, row) => {
      expect(classes[row]).toBe(row % CLASSES);
      expect(value).toBe(numberOf(items[row - (row % CLASSES)] as number, row % CLASSES));
      expect(content[row]).toBe((items[row] as number) % 2);
    });
    expect(new Set(items).size).toBe(ITEMS);
  });

  it("gives the same item in its target class as the answer, and says its content", async () => {
    const { x0, answer, class: classes, content } = await drawn({ targetClasses: ["B"] });
    x0.forEach((value, row) => {
      expect(classes[row]).toBe(1);
      expect(answer[row]).toBe(numberOf(value % 100, 1));
      expect(content[row]).toBe((value % 100) % 2);
    });
  });

  it("draws the same samples, and no answer, where nothing reads one", async () => {
    const [asked, unread] = [await drawn({ targetClasses: ["B"] }), await drawn({ targetClasses: ["B"] }, {})];
    expect(unread.feeds.answer).toBeUndefined();
    expect(unread.x0).toEqual(asked.x0);
  });

  it("never keeps the own class when told so, and draws all others", async () => {
    const { x0, answer, class: classes } = await drawn({ otherClass: true });
    const pairs = new Set(x0.map((value, row) => `${Math.floor(value / 100)}>${classes[row]}`));
    expect([...pairs].sort()).toEqual(["0>1", "0>2", "1>0", "1>2", "2>0", "2>1"]);
    expect(answer.every((value, row) => value !== x0[row])).toBe(true);
  });

  it("hides a share of the conditions whole, and of the contents alone", async () => {
    const { class: classes, content } = await drawn({ dropCondition: 0.25, dropContent: 0.5 });
    const hidden = classes.filter((each) => each === CLASSES).length / batch;
    const hiddenContent = content.filter((each) => each === 2).length / batch;
    expect(Math.abs(hidden - 0.25)).toBeLessThan(0.07);
    expect(Math.abs(hiddenContent - 0.625)).toBeLessThan(0.08);
    classes.forEach((each, row) => {
      if (each === CLASSES) expect(content[row]).toBe(2);
    });
  });

  it("keeps the content to itself when told so", async () => {
    const { content } = await drawn({ tellContent: false });
    expect(new Set(content)).toEqual(new Set([2]));
  });

  it("draws the same samples whatever is hidden of them", async () => {
    const [plain, hidden] = [await drawn({}), await drawn({ dropCondition: 1, dropContent: 1 })];
    expect(hidden.x0).toEqual(plain.x0);
  });
});

it("has an answer only where the data set has one", () => {
  const answerOf = (dataset: DatasetValue) =>
    emit(start, contextOf(newStage(2)), { dataset, schedule: stableDiffusion() }).answer;
  expect(answerOf(paired)).toBeDefined();
  expect(answerOf({ ...paired, paired: false })).toBeUndefined();
});
