/** The editor in verbs. Tests speak to this page, never to selectors. */
import { readFile } from "node:fs/promises";
import { documentSchema, type GraphDocument } from "@distillery/shared/graph/document";
import { expect, type Locator, type Page } from "@playwright/test";
import { GraphCanvas } from "./graphCanvas";
import { RunPanels } from "./runPanels";

export type ShownStatus = "Queued" | "Starting" | "Running" | "Paused" | "Done" | "Failed" | "Cancelled";

export class EditorPage {
  readonly canvas: GraphCanvas;
  readonly panels: RunPanels;
  private readonly runBar: Locator;

  constructor(
    readonly page: Page,
    readonly address: string,
  ) {
    this.canvas = new GraphCanvas(page, () => this.graph());
    this.panels = new RunPanels(page);
    this.runBar = page.getByRole("region", { name: "Run", exact: true });
  }

  /** Another tab on the same server. */
  beside(page: Page): EditorPage {
    return new EditorPage(page, this.address);
  }

  // Pages and files

  async open(path = "/"): Promise<void> {
    await this.page.goto(new URL(path, this.address).href);
    await this.ready();
  }
  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }
  private async ready(): Promise<void> {
    await this.canvas.root.waitFor();
    await expect(this.page.getByRole("status").filter({ hasText: "Connected to the server" })).toBeAttached();
  }
  path(): string {
    return new URL(this.page.url()).pathname;
  }

  async menu(item: string): Promise<void> {
    await this.page.getByRole("button", { name: "Menu" }).click();
    await this.page.getByRole("menuitem", { name: item }).click();
  }
  dialog(name: string): Locator {
    return this.page.getByRole("dialog", { name });
  }
  /** Opens a template from the gallery, not a saved graph of its name; what is unsaved keeps its tab. */
  async openTemplate(name: string): Promise<void> {
    await this.menu("Templates and saved graphs");
    const card = this.dialog("Open a graph")
      .getByRole("button")
      .filter({ has: this.page.getByText(name, { exact: true }), hasNotText: /revision \d/ });
    await card.click();
    await expect(this.name()).toHaveText(name);
  }
  /** The editor on the quick template: points in the plane. */
  async openPoints(): Promise<void> {
    await this.open();
    await this.openTemplate("STD on 2-D points");
  }
  async importFile(name: string, bytes: Uint8Array): Promise<void> {
    const chooser = this.page.waitForEvent("filechooser");
    await this.menu("Import a file");
    await (await chooser).setFiles({ name, mimeType: "application/octet-stream", buffer: Buffer.from(bytes) });
  }
  /** Shows `graph` as an imported file. */
  async openDocument(graph: GraphDocument): Promise<void> {
    await this.importFile("graph.json", new TextEncoder().encode(JSON.stringify(graph)));
    await expect(this.name()).toHaveText(graph.name);
  }
  /** Drops a file from the desktop on the canvas. */
  async dropFile(name: string, bytes: Uint8Array): Promise<void> {
    const transfer = await this.page.evaluateHandle(
      ([file, text]) => {
        const data = new DataTransfer();
        const content = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
        data.items.add(new File([content], file));
        return data;
      },
      [name, Buffer.from(bytes).toString("base64")] as const,
    );
    const box = await this.canvas.root.boundingBox();
    const at = { clientX: (box?.x ?? 0) + 200, clientY: (box?.y ?? 0) + 200 };
    for (const type of ["dragenter", "dragover", "drop"])
      await this.canvas.root.dispatchEvent(type, { dataTransfer: transfer, ...at });
  }
  private async download(start: () => Promise<void>): Promise<{ name: string; bytes: Uint8Array }> {
    const download = this.page.waitForEvent("download");
    await start();
    const file = await download;
    return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
  }
  saveTrajectories(item: string): Promise<{ name: string; bytes: Uint8Array }> {
    return this.download(async () => {
      await this.panels.content().getByRole("button", { name: "Save the trajectories" }).click();
      await this.page.getByRole("menuitem", { name: item }).click();
    });
  }
  /** A file by the menu's entry. */
  exportFile(entry: string): Promise<{ name: string; bytes: Uint8Array }> {
    return this.download(() => this.menu(entry));
  }
  exportPng(): Promise<{ name: string; bytes: Uint8Array }> {
    return this.exportFile("Export as PNG, graph inside");
  }
  /** What the JSON file says, also what is not known here. */
  async exportedJson(): Promise<unknown> {
    const { bytes } = await this.download(() => this.page.keyboard.press("Control+e"));
    return JSON.parse(new TextDecoder().decode(bytes));
  }
  /** The graph on the screen, as exported. */
  async graph(): Promise<GraphDocument> {
    const { bytes } = await this.download(() => this.page.keyboard.press("Control+e"));
    return documentSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  }
  /** The wires on the screen, as `node.socket>node.socket`, sorted. */
  async wires(): Promise<string[]> {
    const { edges } = await this.graph();
    return edges.map(({ from, to }) => `${from.node}.${from.socket}>${to.node}.${to.socket}`).sort();
  }
  name(): Locator {
    return this.page.locator(".top-bar .name");
  }
  saveState(): Locator {
    return this.page.getByTestId("save-state");
  }
  async save(): Promise<void> {
    await this.page.keyboard.press("Control+s");
    await expect(this.saveState()).toHaveText("Saved");
  }
  /** Saves and returns the share link. */
  async share(): Promise<string> {
    await this.page.getByTestId("share").click();
    const link = this.page.getByLabel("Share link");
    await expect(link).toHaveValue(/^http/);
    const value = await link.inputValue();
    await this.dialog("Share").getByRole("button", { name: "Close" }).click();
    return value;
  }
  /** An open graph in the strip under the top bar. */
  tab(name: string): Locator {
    return this.page
      .getByRole("navigation", { name: "Open graphs" })
      .getByRole("button", { name: new RegExp(`^${name}( unsaved)?$`) });
  }
  closeTab(name: string): Promise<void> {
    return this.page.getByRole("button", { name: `Close ${name}` }).click();
  }
  history(): Locator {
    return this.page.getByRole("region", { name: "Undo history" });
  }
  /** Chooses from the menu under the right mouse button that is open. */
  choose(item: string): Promise<void> {
    return this.page.getByRole("menuitem", { name: item, exact: false }).click();
  }
  notice(text: string | RegExp): Locator {
    return this.page.getByRole("list", { name: "Messages" }).getByRole("listitem").filter({ hasText: text });
  }

  // Editing

  async undo(): Promise<void> {
    await this.canvas.focus();
    await this.page.keyboard.press("Control+z");
  }
  async redo(): Promise<void> {
    await this.canvas.focus();
    await this.page.keyboard.press("Control+Shift+z");
  }
  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }
  inspector(): Locator {
    return this.page.getByRole("region", { name: "Inspector" });
  }
  /** The field of a parameter of the selected node. */
  param(label: string): Locator {
    return this.inspector()
      .getByRole("textbox", { name: label, exact: true })
      .or(this.inspector().getByRole("combobox", { name: label, exact: true }))
      .or(this.inspector().getByRole("switch", { name: label, exact: true }));
  }
  /** Selects a node, wherever it is, and types a number or picks a choice. */
  async setParam(node: string, label: string, value: string): Promise<void> {
    await this.canvas.reveal(node);
    const field = this.param(label);
    if ((await field.evaluate((element) => element.tagName)) === "SELECT") await field.selectOption({ label: value });
    else {
      await field.fill(value);
      await field.blur();
    }
  }
  /** Adds a node by the search box of the palette. */
  async addNode(search: string): Promise<void> {
    const box = this.page.getByRole("navigation", { name: "Node palette" }).getByRole("searchbox");
    await box.fill(search);
    await box.press("Enter");
    await box.fill("");
    await this.canvas.focus();
  }

  // Runs

  runButton(): Locator {
    return this.page.getByTestId("run");
  }
  async run(): Promise<void> {
    await this.runButton().click();
    await expect(this.status()).toBeVisible();
  }
  async pause(): Promise<void> {
    await this.runBar.getByRole("button", { name: "Pause" }).click();
    await this.waitForStatus("Paused");
  }
  async resume(): Promise<void> {
    await this.runBar.getByRole("button", { name: "Resume" }).click();
    await this.waitForStatus("Running");
  }
  async cancel(): Promise<void> {
    await this.runBar.getByRole("button", { name: "Cancel" }).click();
    await this.waitForStatus("Cancelled");
  }
  status(): Locator {
    return this.runBar.getByText(/^(Queued|Starting|Running|Paused|Done|Failed|Cancelled)$/);
  }
  async waitForStatus(status: ShownStatus, timeout = 45_000): Promise<void> {
    await expect(this.status()).toHaveText(status, { timeout });
  }
  /** Steps done and to do, as the run bar says. */
  async steps(): Promise<{ step: number; steps: number }> {
    const text = await this.runBar.getByText(/^[\d,]+ \/ [\d,]+$/).textContent();
    const [step = 0, steps = 0] = (text ?? "").replaceAll(",", "").split("/").map(Number);
    return { step, steps };
  }
  async waitForStep(step: number, timeout = 30_000): Promise<void> {
    await expect.poll(async () => (await this.steps()).step, { timeout }).toBeGreaterThanOrEqual(step);
  }
  /** Clicks a wire: the Wire panel shows what flows through it. */
  async tapWire(from: `${string}.${string}`, to: `${string}.${string}`): Promise<void> {
    await this.panels.show("Wire");
    await this.canvas.clickWire(from, to);
    await expect(this.panels.tab("Wire")).toHaveAttribute("aria-selected", "true");
  }

  // Appearance

  async theme(mode: "Light" | "Dark" | "Like the system"): Promise<void> {
    await this.page.getByRole("button", { name: "Theme" }).click();
    await this.page.getByRole("menuitem", { name: mode }).click();
  }
}
