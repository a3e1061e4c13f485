/** The playground in verbs. */
import { expect, type Locator, type Page } from "@playwright/test";

export type Who = "Student" | "Teacher";

export class PlaygroundPage {
  readonly root: Locator;

  constructor(
    readonly page: Page,
    readonly address: string,
  ) {
    this.root = page.getByRole("main", { name: "Playground" });
  }

  async open(run: string): Promise<void> {
    await this.page.goto(`${this.address}/playground?run=${run}`);
    await expect(this.restyleButton()).toBeVisible();
  }
  restyleButton(): Locator {
    return this.root.getByTestId("restyle");
  }
  /** Restyles and waits for the pictures. */
  async restyle(): Promise<void> {
    await this.restyleButton().click();
    await expect(this.result()).not.toHaveAttribute("aria-busy", "true", { timeout: 60_000 });
  }
  result(): Locator {
    return this.root.getByRole("region", { name: "Result" });
  }
  /** The large picture of this title. */
  card(title: "Picture" | Who | "As drawn"): Locator {
    return this.result().getByRole("figure").filter({ hasText: title });
  }
  /** Every state on the path, from noise to result. */
  states(who: Who): Locator {
    return this.root.getByRole("region", { name: `States of the ${who}` }).getByRole("button");
  }
  /** The picture of an image element, as its address. */
  imageOf(of: Locator): Promise<string> {
    return of.getByRole("img").evaluate((image) => (image instanceof HTMLImageElement ? image.src : ""));
  }

  picture(): Locator {
    return this.root.getByRole("region", { name: "Picture", exact: true });
  }
  examples(): Locator {
    return this.picture().locator(".example");
  }
  /** Drops a file from the desktop on the page. */
  async dropFile(name: string, type: string, bytes: Uint8Array): Promise<void> {
    const dataTransfer = await this.page.evaluateHandle(
      ([file, mime, text]) => {
        const data = new DataTransfer();
        const content = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
        data.items.add(new File([content], file, { type: mime }));
        return data;
      },
      [name, type, Buffer.from(bytes).toString("base64")] as const,
    );
    for (const event of ["dragenter", "dragover", "drop"]) await this.root.dispatchEvent(event, { dataTransfer });
  }
  style(name: string): Locator {
    return this.root.getByRole("group", { name: "Becomes" }).getByText(name, { exact: true });
  }
  setting(label: string): Locator {
    return this.root.getByRole("textbox", { name: label, exact: true });
  }

  // Inpainting

  async startMask(): Promise<void> {
    await this.picture().getByRole("button", { name: "Mask" }).click();
    await this.mask().waitFor();
  }
  mask(): Locator {
    return this.root.getByRole("application", { name: /^Mask/ });
  }
  maskTool(name: "Brush" | "Eraser" | "Undo the last stroke" | "Invert" | "Clear the mask"): Locator {
    return this.root.getByRole("toolbar", { name: "Mask" }).getByRole("button", { name });
  }
  /** Draws over the picture; places in shares of its side. */
  async paint(from: readonly [number, number], to: readonly [number, number]): Promise<void> {
    const box = await this.mask().boundingBox();
    if (box === null) throw new Error("There is no mask to paint.");
    const at = ([x, y]: readonly [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const;
    await this.page.mouse.move(...at(from));
    await this.page.mouse.down();
    await this.page.mouse.move(...at(to), { steps: 5 });
    await this.page.mouse.up();
  }
  /** Percent of the picture that is made anew. */
  async painted(): Promise<number> {
    const text = await this.picture()
      .getByText(/is made anew|Paint what/)
      .textContent();
    return Number(/^\s*(\d+) %/.exec(text ?? "")?.[1] ?? 0);
  }
}
