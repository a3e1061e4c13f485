/** A method with its authors' own settings, for a model of one's own: chosen in the gallery, told on the canvas. */
import { expect, test } from "../fixtures";

test("a preset opens a full-size graph in latents, and says what is still to be chosen", async ({ editor }) => {
  await editor.open();
  await editor.menu("Templates and saved graphs");
  const gallery = editor.dialog("Open a graph");
  await gallery.getByRole("list", { name: "Full size, for your own model" }).first().waitFor();
  await gallery.getByRole("button", { name: "LCM-LoRA, released script" }).click();
  await expect(editor.name()).toHaveText("LCM: latent consistency model (LCM-LoRA, released script)");
  await editor.panels.show("Issues");
  await expect(editor.panels.content()).toContainText("Choose its encoder: upload an ONNX file first");
  await expect(editor.panels.content()).toContainText("Choose a data set");
});
