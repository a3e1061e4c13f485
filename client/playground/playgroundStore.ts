/** The playground: whose networks, which picture, how it is to be restyled, and what came out. Kept while the page is open. */
import type { PlaygroundInfo, Stylized, StylizeRequest } from "@distillery/shared/protocol/playground";
import { defineStore } from "pinia";
import { computed, reactive, ref, shallowRef } from "vue";
import { ApiError, messageOf } from "../api/apiError";
import { exampleUrl, getPlayground, stylize } from "../api/playground";
import { say } from "../language";
import { Mask } from "./mask";
import { type Picture, pictureOf } from "./picture";

/** Of a result, for its heading and the files made of it. */
export interface Outcome {
  readonly result: Stylized;
  readonly request: StylizeRequest;
  readonly picture: Picture;
  /** The same thing as drawn in the target style, where that is known. */
  readonly answer: string | null;
}

export const usePlaygroundStore = defineStore("playground", () => {
  const info = shallowRef<PlaygroundInfo | null>(null);
  const infoProblem = shallowRef<{ message: string; isOffline: boolean } | null>(null);
  const isOpening = ref(false);
  let asked: string | null | undefined;

  const picture = shallowRef<Picture | null>(null);
  const settings = reactive({
    style: "",
    content: null as string | null,
    eta: 0.75,
    nfe: 4,
    teacherNfe: 50,
    guidance: 4,
    guidanceStudent: 0,
    seed: 0,
  });
  const isInpainting = ref(false);
  const mask = shallowRef<Mask>(new Mask(32));

  const outcome = shallowRef<Outcome | null>(null);
  const problem = ref("");
  const startedAt = ref<number | null>(null);
  let running: AbortController | null = null;
  const isRunning = computed(() => startedAt.value !== null);

  const missing = computed(() => {
    if (!picture.value) return say.playground.missing.picture;
    if (isInpainting.value && mask.value.isEmpty) return say.playground.missing.mask;
    return "";
  });

  /** Asks what a run's networks can do; `null` is the bundled teacher. What was chosen stays where it still fits. */
  async function open(run: string | null): Promise<void> {
    asked = run;
    isOpening.value = true;
    infoProblem.value = null;
    try {
      const found = await getPlayground(run);
      if (asked !== run) return;
      adopt(found);
    } catch (error) {
      if (asked !== run) return;
      info.value = null;
      infoProblem.value = { message: messageOf(error), isOffline: error instanceof ApiError && error.isOffline };
    } finally {
      if (asked === run) isOpening.value = false;
    }
  }

  function adopt(found: PlaygroundInfo): void {
    const before = info.value;
    info.value = found;
    if (before?.run !== found.run) {
      stop();
      outcome.value = null;
      problem.value = "";
      Object.assign(settings, found.defaults, { style: found.suggested.style });
    }
    if (!found.styles.includes(settings.style)) settings.style = found.styles[0] ?? "";
    if (settings.content !== null && !found.contents.includes(settings.content)) settings.content = null;
    if (mask.value.size !== found.size) mask.value = new Mask(found.size);
    const shown = picture.value;
    const isGone =
      shown?.kind === "example" &&
      !(found.styles.includes(shown.style) && found.examples.some(({ id }) => id === shown.id));
    if (!shown || isGone) chooseFirst(found);
  }
  /** Something to press the button with: the first example, drawn in the style that the run begins with. */
  function chooseFirst({ examples: [example], suggested }: PlaygroundInfo): void {
    if (example) chooseExample(example.id, suggested.source);
    else put(null);
  }

  function put(next: Picture | null): void {
    const old = picture.value;
    if (old?.kind === "file") URL.revokeObjectURL(old.url);
    picture.value = next;
    mask.value = new Mask(mask.value.size);
    problem.value = "";
  }
  function chooseExample(id: string, style: string): void {
    const title = info.value?.examples.find((each) => each.id === id)?.title ?? id;
    put({ kind: "example", id, style, title, url: exampleUrl(id, style) });
  }
  async function chooseFile(file: File): Promise<void> {
    try {
      put(await pictureOf(file));
    } catch (error) {
      problem.value = messageOf(error);
    }
  }

  function requestOf(from: Picture, maskPng: string | undefined): StylizeRequest {
    const { style, content, eta, nfe, teacherNfe, guidance, guidanceStudent, seed } = settings;
    return {
      ...(info.value?.run ? { run: info.value.run } : {}),
      ...(from.kind === "file" ? { image: from.base64 } : { example: { id: from.id, style: from.style } }),
      style,
      content,
      eta,
      nfe,
      teacherNfe,
      guidance,
      ...(info.value?.student ? { guidanceStudent } : {}),
      seed,
      ...(maskPng === undefined ? {} : { mask: maskPng }),
    };
  }

  /** Restyles the picture; `maskPng` in base64 when only a part is made anew. */
  async function run(maskPng?: string): Promise<void> {
    const from = picture.value;
    if (!from || missing.value || isRunning.value) return;
    const controller = new AbortController();
    running = controller;
    startedAt.value = Date.now();
    problem.value = "";
    const request = requestOf(from, maskPng);
    try {
      const result = await stylize(request, controller.signal);
      if (running !== controller) return;
      const answer = from.kind === "example" && maskPng === undefined ? exampleUrl(from.id, request.style) : null;
      outcome.value = { result, request, picture: from, answer };
    } catch (error) {
      if (running === controller) problem.value = messageOf(error);
    } finally {
      if (running === controller) {
        running = null;
        startedAt.value = null;
      }
    }
  }
  function stop(): void {
    running?.abort();
    running = null;
    startedAt.value = null;
  }

  return {
    info,
    infoProblem,
    isOpening,
    picture,
    settings,
    isInpainting,
    mask,
    outcome,
    problem,
    startedAt,
    isRunning,
    missing,
    open,
    chooseExample,
    chooseFile,
    run,
    stop,
  };
});
