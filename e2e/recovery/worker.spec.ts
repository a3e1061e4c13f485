/** Runs survive what kills processes. */
import { decodeSafetensors } from "@distillery/shared/run/safetensors";
import { expect, test } from "../fixtures";
import { Api } from "../product/api";
import { QUICK_STD_2D, withParams } from "../product/graphs";
import { ProductServer } from "../product/server";

const STEPS = 900;
const params = { ...QUICK_STD_2D, "trainer.steps": STEPS };

test("a killed worker costs nothing: the run goes on and ends with the same weights", async ({
  editor,
  api,
  server,
}) => {
  const graph = withParams(await api.template("std-2d"), params);
  const undisturbed = await api.start(graph);
  await api.waitForStatus(undisturbed.id, "done");

  await editor.open();
  await editor.openDocument(graph);
  await editor.run();
  await editor.waitForStatus("Running");
  const { id = "" } = (await api.runs())[0] ?? {};
  await api.waitUntil(id, ({ step }) => step > 120);
  const [worker] = server.workers();
  if (worker === undefined) throw new Error("There is no worker process to kill.");
  process.kill(worker, "SIGKILL");

  await editor.waitForStatus("Done");
  const events = await api.events(id);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
  const warning = events.find((event) => event.type === "log" && event.message.includes("ended unexpectedly"));
  expect(warning).toMatchObject({ level: "warning", message: expect.stringContaining("SIGKILL") });
  await editor.panels.show("Log");
  await expect(editor.panels.content()).toContainText("ended unexpectedly");

  const read = async (run: string) => decodeSafetensors(await api.artifact(run, "checkpoint.safetensors")).tensors;
  const [killed, whole] = [await read(id), await read(undisturbed.id)];
  expect(Object.keys(killed).length).toBeGreaterThan(10);
  expect(killed).toEqual(whole);
  expect((await api.run(id)).metrics).toEqual((await api.run(undisturbed.id)).metrics);
});

test("a run goes on when the server is stopped and started again", async ({ folder }) => {
  const first = await ProductServer.start(folder);
  let api = new Api(first.address);
  const graph = withParams(await api.template("std-2d"), params);
  const { id } = await api.start(graph);
  await api.waitUntil(id, ({ step }) => step > 120);
  expect(await first.stop()).toBe(0);

  const second = await ProductServer.start(folder);
  try {
    api = new Api(second.address);
    await api.waitForStatus(id, "done");
    const events = await api.events(id);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
    expect(events.filter((event) => event.type === "step").at(-1)).toMatchObject({ step: STEPS });
  } finally {
    await second.stop();
  }
});

test("a continued run goes on from the checkpoint", async ({ api }) => {
  const graph = withParams(await api.template("std-2d"), { ...params, "trainer.steps": 200 });
  const whole = await api.start(graph);
  await api.waitForStatus(whole.id, "done");
  const half = await api.start(graph, { steps: 100 });
  await api.waitForStatus(half.id, "done");
  const rest = await api.start(graph, { from: half.id });
  await api.waitForStatus(rest.id, "done");
  const read = async (run: string) => decodeSafetensors(await api.artifact(run, "checkpoint.safetensors")).tensors;
  const variables = (tensors: Awaited<ReturnType<typeof read>>) =>
    Object.fromEntries(Object.entries(tensors).filter(([name]) => name.startsWith("variable:student/")));
  expect(variables(await read(rest.id))).toEqual(variables(await read(whole.id)));
});
