// @vitest-environment happy-dom
import { mount } from "@vue/test-utils";
import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import TensorView from "./TensorView.vue";

let wrapper: ReturnType<typeof mount> | undefined;
beforeEach(() => setActivePinia(createPinia()));
afterEach(() => wrapper?.unmount());

const show = (values: readonly number[], shape: number[], isSigned = false) => {
  const view = mount(TensorView, { props: { values: Float32Array.from(values), shape, isSigned } });
  wrapper = view;
  const names = () => view.findAll(".segments button").map((button) => button.text());
  const choose = (name: string) =>
    view
      .findAll(".segments button")
      .find((button) => button.text() === name)
      ?.trigger("click");
  return { view, names, choose };
};
const picture = Array.from({ length: 3 * 2 * 4 }, (_, i) => i / 12 - 1);

describe("a tensor from all sides", () => {
  it("is offered as what it can be", () => {
    expect(show(picture, [3, 2, 4]).names()).toEqual([
      "Image",
      "Heat map",
      "Channels",
      "Histogram",
      "Statistics",
      "Values",
    ]);
    wrapper?.unmount();
    expect(show([1, 2, 3, 4], [2, 2]).names()).toEqual(["Points", "Heat map", "Histogram", "Statistics", "Values"]);
    wrapper?.unmount();
    expect(show(picture, [3, 2, 4], true).names()[0]).toBe("Heat map");
  });

  it("tells all channels of the pixel under the probe, which the arrow keys move", async () => {
    const { view, choose } = show(picture, [3, 2, 4]);
    await choose("Heat map");
    const canvas = view.find("canvas");
    await canvas.trigger("keydown", { key: "ArrowRight" });
    const probe = view.find(".probe");
    expect(probe.text()).toContain("x 3, y 1");
    // Row 1, column 3 of the three planes: 7, 15 and 23 of 24 values.
    expect(probe.findAll("dd").map((value) => value.text())).toEqual(["", "−0.4167", "0.25", "0.9167"]);
    await canvas.trigger("keydown", { key: "ArrowRight" });
    expect(view.find(".probe").text()).toContain("x 3, y 1");
  });

  it("shouts about values that are no numbers, and explains their colours", async () => {
    const { view, choose } = show([0, Number.NaN, Number.POSITIVE_INFINITY, 1], [1, 2, 2]);
    expect(view.find("[role=alert]").text()).toBe("1 NaN and 1 infinite of 4 values are no numbers.");
    await choose("Heat map");
    expect(view.find(".legend").text()).toContain("NaN");
    await choose("Statistics");
    expect(
      view
        .find("tbody tr")
        .findAll("td")
        .slice(-2)
        .map((cell) => cell.text()),
    ).toEqual(["1", "1"]);
    await choose("Values");
    expect(view.find("table").text()).toContain("Infinity");
  });

  it("colours by a range that is chosen", async () => {
    const { view, choose } = show(picture, [3, 2, 4]);
    await choose("Channels");
    expect(view.findAll(".tile")).toHaveLength(3);
    const range = view.find("select");
    expect(range.element.value).toBe("auto");
    await range.setValue("fixed");
    await view.find("input[aria-label='Highest value']").setValue("5");
    expect(view.find(".legend").text()).toContain("5");
    await choose("Histogram");
    expect(view.find("[aria-label='Histogram of the values']").exists()).toBe(true);
  });
});
