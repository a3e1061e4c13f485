// @vitest-environment happy-dom
import { mount } from "@vue/test-utils";
import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { nextTick } from "vue";
import { pathOf, routeOf } from "../app/router";
import PlaygroundForm from "./PlaygroundForm.vue";
import PlaygroundResult from "./PlaygroundResult.vue";
import { pictureOf } from "./picture";
import { usePlaygroundStore } from "./playgroundStore";

const info = (run: string | null) => ({
  run,
  title: "Style transfer",
  student: run !== null,
  styles: ["Twemoji", "Fluent 3D", "Noto"],
  contents: ["face-smiling"],
  size: 32,
  etaMax: run === null ? 0.975 : 0.75,
  defaults: { eta: 0.6, nfe: 4, teacherNfe: 3, guidance: 2, guidanceStudent: 0 },
  suggested: { style: "Fluent 3D", source: "Twemoji" },
  examples: [
    { id: "1f600", title: "grinning face" },
    { id: "1f34e", title: "red apple" },
  ],
});
const path = (nfe: number, milliseconds: number) => ({
  nfe,
  milliseconds,
  states: Array.from({ length: nfe + 1 }, (_, i) => ({
    t: 600 - (600 / nfe) * i,
    image: `data:image/png;base64,${nfe}${i}`,
  })),
});
const problem = (status: number, detail: string) =>
  new Response(JSON.stringify({ type: "about:blank", title: "No", status, detail }), { status });

let asked: { body?: Record<string, unknown> }[];
let answer: () => Response;
beforeEach(() => {
  setActivePinia(createPinia());
  asked = [];
  answer = () => Response.json({ source: "data:image/png;base64,s", teacher: path(3, 900), student: path(2, 90) });
  vi.stubGlobal("fetch", async (url: string, init: RequestInit = {}) => {
    if (init.method !== "POST") return Response.json(info(new URL(url, "http://x").searchParams.get("run")));
    asked.push({ body: JSON.parse(String(init.body)) });
    return answer();
  });
});
afterEach(() => vi.unstubAllGlobals());

describe("the playground", () => {
  it("begins with what the run was trained for, ready to press the button", async () => {
    const store = usePlaygroundStore();
    await store.open("r1");
    expect(store.settings).toMatchObject({ style: "Fluent 3D", eta: 0.6, nfe: 4, teacherNfe: 3, guidance: 2 });
    expect(store.picture).toMatchObject({ kind: "example", id: "1f600", style: "Twemoji" });
    await store.run();
    expect(asked[0]?.body).toMatchObject({ run: "r1", example: { id: "1f600", style: "Twemoji" }, style: "Fluent 3D" });
    expect(asked[0]?.body).not.toHaveProperty("mask");
    expect(store.outcome?.answer).toContain("1f600.png?style=Fluent%203D");
  });

  it("sends a file as it is, and only what the bundled teacher understands", async () => {
    const store = usePlaygroundStore();
    await store.open(null);
    await store.chooseFile(new File([new Uint8Array([1, 2, 3])], "mine.webp", { type: "image/webp" }));
    await store.run();
    expect(asked[0]?.body).toMatchObject({ image: "AQID" });
    for (const name of ["run", "example", "guidanceStudent"]) expect(asked[0]?.body).not.toHaveProperty(name);
    expect(store.outcome?.answer).toBeNull();
  });

  it("wants a painted part before it inpaints, and forgets the mask with the picture", async () => {
    const store = usePlaygroundStore();
    await store.open("r1");
    store.isInpainting = true;
    expect(store.missing).toContain("Paint");
    store.mask = store.mask.inverted();
    expect(store.missing).toBe("");
    await store.run("bWFzaw==");
    expect(asked[0]?.body).toMatchObject({ mask: "bWFzaw==" });
    store.chooseExample("1f34e", "Noto");
    expect(store.missing).toContain("Paint");
  });

  it("says in words what the server refuses, and keeps the last result", async () => {
    const store = usePlaygroundStore();
    await store.open("r1");
    await store.run();
    answer = () => problem(422, "A noise share of 0.9 is too much: at most 0.75.");
    await store.run();
    expect(store.problem).toContain("at most 0.75");
    expect(store.outcome).not.toBeNull();
    expect(store.isRunning).toBe(false);
    vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("offline")));
    await store.open("r2");
    expect(store.infoProblem?.isOffline).toBe(true);
  });

  it("takes four formats and refuses others by name", async () => {
    const file = (name: string, type: string) => new File([new Uint8Array(4)], name, { type });
    expect((await pictureOf(file("a.SVG", ""))).kind).toBe("file");
    await expect(pictureOf(file("a.gif", "image/gif"))).rejects.toThrow('"a.gif" is not a PNG, JPEG, WebP or SVG');
  });

  it("has an address of its own", () => {
    for (const address of ["/playground", "/playground?run=a%20b"]) {
      const url = new URL(address, "http://x");
      expect(pathOf(routeOf(url.pathname, url.search))).toBe(address);
    }
    expect(routeOf("/playgrounds")).toEqual({ page: "editor", graphId: null });
  });
});

describe("what it shows", () => {
  it("every state of both paths; the chosen one large", async () => {
    const store = usePlaygroundStore();
    await store.open("r1");
    const view = mount(PlaygroundResult);
    expect(view.text()).toContain("Ready");
    await store.run();
    await nextTick();
    expect(view.findAll("[aria-label^='Teacher at t']")).toHaveLength(4);
    expect(view.findAll("[aria-label^='Student at t']")).toHaveLength(3);
    expect(view.text()).toContain("10× faster");
    const large = () => view.find("img[alt='Restyled by the teacher']").attributes("src");
    expect(large()).toBe("data:image/png;base64,33");
    await view.find("[aria-label='Teacher at t = 600']").trigger("click");
    expect(large()).toBe("data:image/png;base64,30");
  });

  it("no student's settings without a student; numbers stay in their range", async () => {
    const store = usePlaygroundStore();
    await store.open(null);
    const view = mount(PlaygroundForm);
    expect(view.text()).not.toContain("Student steps");
    await store.open("r1");
    await nextTick();
    expect(view.text()).toContain("Student steps");
    await view.find("input[id]").setValue("7");
    expect(store.settings.eta).toBe(0.75);
  });
});
