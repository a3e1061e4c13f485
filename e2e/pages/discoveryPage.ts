/** What helps people to find things, in verbs: the search, the formula, the tour. */
import { expect, type Locator, type Page } from "@playwright/test";

export class DiscoveryPage {
  readonly field: Locator;
  readonly tour: Locator;

  constructor(private readonly page: Page) {
    this.field = page.getByRole("combobox", { name: /^Search nodes, commands/ });
    this.tour = page.getByRole("region", { name: "Guided tour" });
  }

  /** Opens the search and types. */
  async search(text: string): Promise<void> {
    await this.page.keyboard.press("Control+k");
    await expect(this.field).toBeFocused();
    await this.field.fill(text);
  }
  /** Types into the search and takes the first find. */
  async choose(text: string): Promise<void> {
    await this.search(text);
    await this.page.keyboard.press("Enter");
    await expect(this.field).toBeHidden();
  }
  options(): Locator {
    return this.page.getByRole("dialog", { name: "Search everything" }).getByRole("option");
  }
  option(title: string): Locator {
    return this.options().filter({ has: this.page.getByText(title, { exact: true }) });
  }

  /** A line of the formula, by its plain text. */
  formulaLine(text: string): Locator {
    return this.page.getByRole("region", { name: "Formula" }).getByRole("button", { name: text, exact: true });
  }
  litPart(node: string): Locator {
    return this.page.locator(`.part.lit[data-part="${node}"]`);
  }
}
