/** `npm test`: types, lint, unit and integration tests, browser tests; last line `N passed, N failed`. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBuilt } from "./build.mjs";
import { ensureChromium } from "./chromium.mjs";
import { ensureInstalled } from "./install.mjs";
import { ROOT, runBin } from "./root.mjs";
import { TOOLS } from "./tools.mjs";

const BROWSER_TESTS = "e2e/playwright.config.ts";

let passed = 0;
let failed = 0;
const failures = [];

function fail(message, count = 1) {
  failed += count;
  failures.push(message);
}

function heading(text) {
  process.stdout.write(`\n== ${text}\n`);
}

async function check(name) {
  heading(name);
  if ((await runBin(...TOOLS[name])) === 0) passed++;
  else fail(`${name}: see above`);
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

async function unitTests(folder) {
  heading("unit and integration tests");
  const report = join(folder, "vitest.json");
  const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const status = await runBin("vitest", args);
  const result = readJson(report);
  if (result === undefined) return fail("vitest: ended without a report");
  passed += result.numPassedTests;
  for (const { name, status: outcome, assertionResults, message } of result.testResults) {
    const file = name.replace(`${ROOT}/`, "");
    const broken = assertionResults.filter((test) => test.status === "failed");
    for (const test of broken) fail(`${file}: ${test.fullName}\n    ${firstLines(test.failureMessages?.[0])}`);
    // A file that could not be loaded has no tests to count.
    if (outcome === "failed" && broken.length === 0) fail(`${file}: ${firstLines(message)}`);
  }
  if (status !== 0 && failed === 0) fail(`vitest: ended with status ${status}`);
}

async function browserTests(folder, chromium) {
  if (!existsSync(join(ROOT, BROWSER_TESTS))) return;
  heading("browser tests");
  if (chromium.path === undefined) return fail(chromium.message);
  const report = join(folder, "playwright.json");
  const env = { ...process.env, CHROMIUM_PATH: chromium.path, PLAYWRIGHT_JSON_OUTPUT_NAME: report };
  const status = await runBin("playwright", ["test", "-c", BROWSER_TESTS, "--reporter=list,json"], { env });
  const result = readJson(report);
  if (result === undefined) return fail("playwright: ended without a report");
  const { expected, flaky, unexpected } = result.stats;
  passed += expected + flaky;
  if (flaky > 0) process.stdout.write(`${flaky} browser tests passed only when repeated.\n`);
  const broken = [...brokenSpecs(result.suites)];
  for (const { title, error } of broken) fail(`browser: ${title}\n    ${firstLines(error)}`);
  if (unexpected > broken.length) fail("browser: see above", unexpected - broken.length);
  for (const error of result.errors ?? []) fail(`browser: ${firstLines(error.message)}`);
  if (status !== 0 && unexpected === 0 && (result.errors ?? []).length === 0)
    fail(`playwright: ended with status ${status}`);
}

function* brokenSpecs(suites = []) {
  for (const suite of suites) {
    for (const spec of suite.specs ?? []) {
      if (spec.ok) continue;
      const error = spec.tests.flatMap((test) => test.results).find((result) => result.error)?.error?.message;
      yield { title: `${spec.file}: ${spec.title}`, error };
    }
    yield* brokenSpecs(suite.suites);
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with one
const COLOURS = /\u001b\[[0-9;]*m/g;
const firstLines = (text = "no message") => text.replace(COLOURS, "").split("\n").slice(0, 4).join("\n    ");

await ensureInstalled();
// First: its software graphics driver also lets the WebGPU tests run without a GPU.
const chromium = await ensureChromium();
const folder = mkdtempSync(join(tmpdir(), "distillery-test-"));
try {
  await check("typecheck");
  await check("lint");
  await ensureBuilt();
  await unitTests(folder);
  await browserTests(folder, chromium);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (failures.length > 0) process.stdout.write(`\nFailures:\n${failures.map((line) => `- ${line}`).join("\n")}\n`);
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
