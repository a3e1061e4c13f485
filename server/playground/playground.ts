/** Restyling pictures with what runs have learned: looks a request over, and has the process do it. */
import type { GraphDocument } from "@distillery/shared/graph/document";
import type { NodeLibrary } from "@distillery/shared/graph/node";
import type { PlaygroundInfo, Stylized, StylizeRequest } from "@distillery/shared/protocol/playground";
import { PLAYGROUND_LIMITS } from "@distillery/shared/protocol/playground";
import type { RunManager } from "../runs/manager";
import type { Store } from "../store/store";
import { BUNDLED_TEACHER, bundledDocument } from "./bundled";
import { type Offer, offerOf } from "./describe";
import { type Stylist, stylistOf, stylizeDocument } from "./document";
import { ExamplePictures, emojiExamples } from "./examples";
import { type ProcessOptions, StylizeProcess } from "./process";
import type { StylizedPaths } from "./protocol";
import { PlaygroundRefused } from "./refused";

export interface PlaygroundOptions {
  readonly store: Store;
  readonly runs: RunManager;
  readonly library: NodeLibrary;
  readonly process: ProcessOptions;
}

/** A request whose picture is already bytes; `run` undefined means the bundled teacher. */
export interface StylizeOrder extends Omit<StylizeRequest, "image" | "example" | "mask"> {
  readonly picture: Uint8Array;
  readonly mask?: Uint8Array;
  readonly paths: readonly ("teacher" | "student")[];
}

/** A run (or the bundled teacher) that can restyle. */
interface Opened {
  readonly title: string;
  readonly document: GraphDocument;
  readonly stylist: Stylist;
  readonly offer: Offer;
  readonly checkpointFile: string | undefined;
}

/** What a run was trained for; where it does not say, the first style, from the one after it. */
function suggestedStyles({ sources, targets }: Stylist, styles: readonly string[]): PlaygroundInfo["suggested"] {
  const style = styles.find((each) => targets.includes(each)) ?? styles[0] ?? "";
  const others = styles.filter((each) => each !== style);
  return { style, source: others.find((each) => sources.includes(each)) ?? others[0] ?? style };
}

export class Playground {
  private readonly process: StylizeProcess;
  private readonly examples: ExamplePictures;

  constructor(private readonly options: PlaygroundOptions) {
    this.process = new StylizeProcess(options.process);
    this.examples = new ExamplePictures(() => options.runs.resources());
  }

  /** Of the process at work, while it is warm. */
  get pid(): number | undefined {
    return this.process.pid;
  }

  get isWorking(): boolean {
    return this.process.isWorking;
  }

  /** @throws PlaygroundRefused when the run is missing or has nothing to restyle with */
  info(run: string | undefined): PlaygroundInfo {
    const { title, stylist, offer } = this.open(run);
    const { graph, dataset, defaults, student } = stylist;
    const isEmoji = graph.type(dataset.node)?.type === "data/emoji";
    return {
      run: run ?? null,
      title,
      student: student !== null,
      styles: [...offer.styles],
      contents: [...offer.contents],
      size: Math.max(...offer.size),
      etaMax: offer.etaMax,
      defaults: { ...defaults, eta: Math.min(defaults.eta, offer.etaMax) },
      suggested: suggestedStyles(stylist, offer.styles),
      examples: isEmoji ? emojiExamples(graph.params(dataset.node)) : [],
    };
  }

  /** PNG of a held-out emoji in one of the styles. */
  async example(id: string, style: string, size: 32 | 64): Promise<Buffer> {
    const png = await this.examples.png(id, style, size);
    if (png === undefined)
      throw new PlaygroundRefused("missing", `There is no example "${id}" in the style "${style}".`);
    return png;
  }

  /** @throws PlaygroundRefused in words for whoever asked */
  async stylize({ image, example, mask, ...request }: StylizeRequest, signal?: AbortSignal): Promise<Stylized> {
    const { size } = this.open(request.run).offer;
    const picture =
      example === undefined
        ? decoded(image ?? "", "picture", PLAYGROUND_LIMITS.pictureBytes)
        : await this.example(example.id, example.style, Math.max(...size) > 32 ? 64 : 32);
    const order: StylizeOrder = {
      ...request,
      picture,
      paths: ["teacher", "student"],
      ...(mask === undefined ? {} : { mask: decoded(mask, "mask", PLAYGROUND_LIMITS.maskBytes) }),
    };
    const { source, teacher, student } = await this.order(order, signal);
    if (teacher === null) throw new PlaygroundRefused("failed", "The teacher gave no picture.");
    return { source, teacher, student };
  }

  /** Only the paths asked for. */
  async order(order: StylizeOrder, signal?: AbortSignal): Promise<StylizedPaths> {
    const opened = this.open(order.run);
    const { stylist, offer, checkpointFile } = opened;
    refuseUnknown(order, offer);
    if (order.eta > offer.etaMax + 1e-9) {
      const why = stylist.student === null ? "the noise schedule ends there" : "the student was trained from there";
      throw new PlaygroundRefused(
        "invalid",
        `A noise share of ${order.eta} is too much: at most ${offer.etaMax}, ${why}.`,
      );
    }
    const document = stylizeDocument(stylist, {
      style: order.style,
      content: order.content ?? null,
      eta: order.eta,
      nfe: order.nfe,
      teacherNfe: order.teacherNfe,
      guidance: order.guidance,
      guidanceStudent: order.guidanceStudent ?? stylist.defaults.guidanceStudent,
      seed: order.seed,
      hasMask: order.mask !== undefined,
      paths: order.paths,
    });
    return this.process.run(
      {
        document,
        picture: order.picture,
        size: [...offer.size],
        registry: this.options.runs.filesOf(document),
        ...(order.mask === undefined ? {} : { mask: order.mask }),
        ...(checkpointFile === undefined ? {} : { checkpointFile }),
      },
      signal,
    );
  }

  close(): void {
    this.process.close();
  }

  private open(run: string | undefined): Opened {
    const { library, runs } = this.options;
    const { title, document, checkpointFile } = run === undefined ? this.bundled() : this.fromRun(run);
    const what = run === undefined ? "The bundled teacher" : `Run ${run}`;
    const found = stylistOf(document, library);
    if (found === undefined)
      throw new PlaygroundRefused("invalid", `${what} has no network that denoises samples of a data set.`);
    if (found.trainsTeacher && checkpointFile === undefined)
      throw new PlaygroundRefused("conflict", `${what} has no checkpoint yet, so its network has learned nothing.`);
    const stylist = checkpointFile === undefined ? { ...found, student: null } : found;
    const offer = offerOf(stylist, library, runs.resources());
    if (typeof offer === "string") throw new PlaygroundRefused("invalid", `${what} restyles no pictures: ${offer}`);
    return { title, document, stylist, offer, checkpointFile };
  }

  private bundled() {
    const model = this.options.runs.resources().model(BUNDLED_TEACHER);
    if (model === undefined)
      throw new PlaygroundRefused("missing", "This installation has no bundled teacher; name a run instead.");
    return { title: model.name, document: bundledDocument, checkpointFile: undefined };
  }

  private fromRun(id: string) {
    const { store } = this.options;
    const run = store.runs.detail(id);
    if (run === undefined) throw new PlaygroundRefused("missing", `There is no run ${id}.`);
    const hash = store.runs.checkpoints(id)[0]?.hash;
    return {
      title: run.label === "" ? run.graphName : `${run.graphName} (${run.label})`,
      document: run.graph,
      checkpointFile: hash === undefined ? undefined : store.blobs.pathOf(hash),
    };
  }
}

function refuseUnknown({ style, content }: StylizeOrder, { styles, contents }: Offer): void {
  if (!styles.includes(style))
    throw new PlaygroundRefused("invalid", `There is no style "${style}"; choose one of ${styles.join(", ")}.`);
  if (content === null || content === undefined || contents.includes(content)) return;
  const known = contents.length === 0 ? "these networks are told none" : `choose one of ${contents.join(", ")}`;
  throw new PlaygroundRefused("invalid", `There is no kind of content "${content}"; ${known}.`);
}

function decoded(base64: string, what: string, limit: number): Uint8Array {
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length === 0) throw new PlaygroundRefused("invalid", `The ${what} is empty; send its bytes in base64.`);
  if (bytes.length > limit)
    throw new PlaygroundRefused("invalid", `The ${what} has ${bytes.length} bytes; at most ${limit} are taken.`);
  return bytes;
}
