import { expect, test } from "../fixtures";

test("light and dark are both whole, and the choice is kept", async ({ editor, page }) => {
  await editor.open();
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const lightness = async () => {
    const [r = 0, g = 0, b = 0] = ((await background()).match(/[\d.]+/g) ?? []).map(Number);
    return (r + g + b) / 3;
  };
  await editor.theme("Light");
  await expect.poll(lightness).toBeGreaterThan(200);
  const light = await page.screenshot();
  await editor.theme("Dark");
  await expect.poll(lightness).toBeLessThan(60);
  const dark = await page.screenshot();
  expect(dark.equals(light)).toBe(false);
  await editor.reload();
  await expect.poll(lightness).toBeLessThan(60);
});

test("nothing is cut off on a small window", async ({ editor, page }) => {
  await page.setViewportSize({ width: 1100, height: 680 });
  await editor.open();
  const overflow = await page.evaluate(() => ({
    x: document.documentElement.scrollWidth - innerWidth,
    y: document.documentElement.scrollHeight - innerHeight,
  }));
  expect(overflow).toEqual({ x: 0, y: 0 });
  await expect(editor.runButton()).toBeInViewport({ ratio: 1 });
  await expect(page.getByTestId("share")).toBeInViewport({ ratio: 1 });
});

test("the editor speaks Simplified Chinese once it is chosen, and keeps to it", async ({ editor, page }) => {
  const choose = (settings: string, language: string) =>
    editor.dialog(settings).getByText(language, { exact: true }).click();
  await editor.open();
  await editor.menu("Settings");
  await choose("Settings", "简体中文");
  await expect(page.getByTestId("run")).toHaveText("运行");
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  await page.reload();
  await expect(page.getByTestId("run")).toHaveText("运行");
  await editor.press("Control+,");
  await choose("设置", "English");
  await expect(page.getByTestId("run")).toHaveText("Run");
});
