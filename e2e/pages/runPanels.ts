/** The panels under the canvas. */
import type { Locator, Page } from "@playwright/test";

export type PanelName =
  | "Trajectories"
  | "Curves"
  | "Evaluation"
  | "Wire"
  | "Profile"
  | "Queue"
  | "Runs"
  | "Issues"
  | "Log";

export class RunPanels {
  readonly root: Locator;

  constructor(page: Page) {
    this.root = page.getByRole("region", { name: "Panels" });
  }

  tab(name: PanelName): Locator {
    return this.root.getByRole("tab", { name: new RegExp(`^${name}`) });
  }
  async show(name: PanelName): Promise<void> {
    const tab = this.tab(name);
    // A click on the tab that is shown folds the panels.
    if ((await tab.getAttribute("aria-selected")) !== "true") await tab.click();
  }
  content(): Locator {
    return this.root.getByRole("tabpanel");
  }

  /** The picture of the paths over the density. */
  paths(): Locator {
    return this.root.getByLabel("Paths of teacher and student from noise to data");
  }
  cells(row: "Teacher" | "Student" | "Difference"): Locator {
    return this.root.getByRole("button", { name: new RegExp(`^${row} at t = `) });
  }
  stepSlider(): Locator {
    return this.root.getByRole("slider", { name: "Training step" });
  }
  cellInspector(): Locator {
    return this.root.getByRole("complementary", { name: "State" });
  }

  /** The section of a chart. */
  chart(title: string): Locator {
    return this.root
      .locator("section")
      .filter({ has: this.root.page().getByRole("heading", { name: title, exact: true }) });
  }
  /** The number a chart shows beside its title. */
  async latest(title: string): Promise<string> {
    return (await this.chart(title).locator(".latest").textContent()) ?? "";
  }

  /** Rows of the table of scores. */
  scores(): Locator {
    return this.root.getByRole("region", { name: "Scores" }).locator("tbody tr");
  }
  /** The plot of style against quality. */
  scorePlot(): Locator {
    return this.root.getByRole("region", { name: "Style against quality" });
  }

  runs(): Locator {
    return this.root.getByRole("row").filter({ has: this.root.page().getByRole("checkbox") });
  }
}

/** What a canvas shows, as a short text: equal pictures give equal texts. */
export const pictureOf = (canvas: Locator): Promise<string> =>
  canvas.evaluate((element) => {
    if (!(element instanceof HTMLCanvasElement)) throw new Error("not a canvas");
    const { width, height } = element;
    const pixels = element.getContext("2d")?.getImageData(0, 0, width, height).data ?? [];
    let hash = 2166136261;
    for (const value of pixels) hash = Math.imul(hash ^ value, 16777619);
    return `${width}x${height}:${hash >>> 0}`;
  });

/** How many different colours a canvas shows: 1 when nothing was drawn. */
export const coloursOf = (canvas: Locator): Promise<number> =>
  canvas.evaluate((element) => {
    if (!(element instanceof HTMLCanvasElement)) throw new Error("not a canvas");
    const pixels = element.getContext("2d")?.getImageData(0, 0, element.width, element.height).data.buffer;
    return new Set(pixels === undefined ? [] : new Uint32Array(pixels)).size;
  });
