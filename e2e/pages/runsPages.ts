/** Queue, history and comparison of runs. */
import { expect, type Locator, type Page } from "@playwright/test";
import type { EditorPage } from "./editorPage";

export class SeveralRuns {
  readonly root: Locator;
  constructor(page: Page) {
    this.root = page.getByRole("dialog", { name: "Run several" });
  }
  /** Varies a parameter, `node.param`, called `title` in the form. */
  async vary(param: string, title: string, values: string): Promise<void> {
    await this.root.getByTestId("add-axis").selectOption(param);
    await this.root.getByLabel(`Values of ${title}`).fill(values);
  }
  seeds(): Locator {
    return this.root.getByLabel("Seeds", { exact: true });
  }
  sum(): Locator {
    return this.root.getByRole("status");
  }
  async start(): Promise<void> {
    await this.root.getByTestId("start-batch").click();
    await expect(this.root).toBeHidden();
  }
}

export class QueuePanel {
  constructor(private readonly editor: EditorPage) {}
  rows(): Locator {
    return this.editor.panels.root.getByRole("list", { name: "Queue" }).getByRole("listitem");
  }
  /** Names of the waiting runs, in their order. */
  waiting(): Promise<string[]> {
    return this.rows().filter({ hasText: "Queued" }).locator(".name").allInnerTexts();
  }
  grip(name: string): Locator {
    return this.editor.panels.root.getByRole("button", { name: new RegExp(`^Move .*${name}`) });
  }
}

export class RunsTable {
  constructor(private readonly editor: EditorPage) {}
  row(text: string): Locator {
    return this.editor.panels.root.getByRole("table", { name: "Runs" }).getByRole("row").filter({ hasText: text });
  }
  details(): Locator {
    return this.editor.panels.root.getByRole("complementary");
  }
  /** Goes on from the last checkpoint of the run whose details are open. */
  async continueRun(): Promise<void> {
    await this.details().getByRole("button", { name: "More" }).click();
    await this.editor.page.getByRole("menuitem", { name: "Continue from its last checkpoint" }).click();
  }
}

export class ComparePage {
  readonly root: Locator;
  constructor(readonly page: Page) {
    this.root = page.getByRole("main", { name: "Compare" });
  }
  settings(): Locator {
    return this.root.getByRole("table", { name: "Parameters that differ" });
  }
  results(): Locator {
    return this.root.getByRole("table", { name: "Results of all runs" });
  }
}
