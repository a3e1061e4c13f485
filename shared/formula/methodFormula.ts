/**
 * The loss that a graph trains, as a formula: walks from every trainer's losses back through distances, jumps, solver and
 * bank to the data, asking each node type for its part (`terms`), and collects what the symbols stand for.
 */
import type { GraphDocument, GraphEdge } from "../graph/document";
import { flatDocument } from "../graph/flatten";
import {
  type Equation,
  type Expr,
  expr,
  indexed,
  row,
  type Term,
  type TermContext,
  type TermInputs,
  word,
} from "../graph/formula";
import { effectiveDocument, groupBy } from "../graph/modes";
import type { NodeDefinition, NodeLibrary } from "../graph/node";

export interface MethodFormula {
  /** One for each trainer, the student's first. */
  readonly objectives: readonly Equation[];
  /** What their symbols stand for, in the order in which they are met. */
  readonly where: readonly Equation[];
}

export function methodFormula(document: GraphDocument, library: Pick<NodeLibrary, "get">): MethodFormula {
  const walk = new Walk(effectiveDocument(flatDocument(document), library).document, library);
  const objectives = walk.trainers().flatMap((trainer) => walk.objective(trainer));
  return { objectives, where: walk.finish() };
}

/** Families that look at a value and change nothing. */
const LOOKS: readonly string[] = ["evaluate", "inspect", "export"];
type Params = Readonly<Record<string, unknown>>;
interface Known {
  readonly id: string;
  readonly title: string;
  readonly definition: NodeDefinition;
  readonly params: Params;
}

class Walk {
  private readonly nodes = new Map<string, Known>();
  private readonly outputs = new Map<string, Readonly<Record<string, Term>>>();
  private readonly names = new Map<string, number>();
  private readonly equations: Equation[] = [];
  private readonly late: (() => void)[] = [];
  private readonly busy = new Set<string>();
  private readonly into: ReadonlyMap<string, readonly GraphEdge[]>;
  private readonly outOf: ReadonlyMap<string, readonly GraphEdge[]>;

  constructor({ nodes, edges }: GraphDocument, library: Pick<NodeLibrary, "get">) {
    for (const { id, type, title, params } of nodes) {
      const definition = library.get(type);
      if (definition) this.nodes.set(id, { id, title: title ?? definition.title, definition, params });
    }
    this.into = groupBy(edges, ({ to }) => to.node);
    this.outOf = groupBy(edges, ({ from }) => from.node);
  }

  /** Those of networks first, then those of what losses own: discriminators. */
  trainers(): Known[] {
    const ownedByLoss = (id: string) =>
      this.into
        .get(id)
        ?.some(({ from, to }) => to.socket === "weights" && this.nodes.get(from.node)?.definition.family === "loss");
    const all = [...this.nodes.values()].filter(({ definition }) => definition.trainer !== undefined);
    return [...all.filter(({ id }) => !ownedByLoss(id)), ...all.filter(({ id }) => ownedByLoss(id))];
  }

  objective(trainer: Known): Equation[] {
    const losses = this.into.get(trainer.id)?.filter(({ to }) => trainer.definition.inputs[to.socket]?.type === "loss");
    if (!losses?.length) return [];
    const weights = this.inputsOf(trainer).get("weights");
    const terms = losses.map(({ from }) => this.term(from.node, from.socket));
    const sign = ({ isNegative }: Term, isFirst: boolean) =>
      isNegative ? (isFirst ? "−" : " − ") : isFirst ? "" : " + ";
    return [
      {
        node: trainer.id,
        left: part(trainer.id, weights ? indexed("L", weights.expr) : expr("L")),
        relation: "=",
        right: row(...terms.flatMap((term, i) => [sign(term, i === 0), term.expr])),
      },
    ];
  }

  /** What was left for the end, then all equations. */
  finish(): readonly Equation[] {
    // Telling a delayed input may meet nodes that were not met before.
    for (let say = this.late.shift(); say; say = this.late.shift()) say();
    return this.equations;
  }

  private term(node: string, socket: string): Term {
    return this.termsOf(node)[socket] ?? this.byTitle(node);
  }

  private byTitle(node: string): Term {
    const known = this.nodes.get(node);
    return { expr: part(node, word(known?.title ?? node)) };
  }

  private termsOf(id: string): Readonly<Record<string, Term>> {
    const done = this.outputs.get(id);
    if (done) return done;
    const node = this.nodes.get(id);
    if (!node || this.busy.has(id)) return {};
    this.busy.add(id);
    const parsed = node.definition.params.safeParse(node.params);
    const params = parsed.success ? parsed.data : node.params;
    const own = node.definition.terms?.(this.inputsOf(node), params, this.contextOf(node)) ?? this.fallback(node);
    const marked = Object.fromEntries(
      Object.entries(own).flatMap(([socket, term]) => (term ? [[socket, { ...term, expr: part(id, term.expr) }]] : [])),
    );
    this.busy.delete(id);
    this.outputs.set(id, marked);
    return marked;
  }

  /** A loss that says nothing of itself still has its formula in plain text. */
  private fallback({ id, title, definition }: Known): Record<string, Term> {
    const outputs = Object.entries(definition.outputs).filter(([, { type }]) => type === "loss");
    for (const [socket] of outputs) {
      if (definition.formula && socket === outputs[0]?.[0])
        this.equations.push({
          node: id,
          left: part(id, word(title)),
          relation: "=",
          right: word(definition.formula.replace(/^L = /, "")),
        });
    }
    return Object.fromEntries(outputs.map(([socket]) => [socket, { expr: word(title) }]));
  }

  private inputsOf({ id, definition }: Known, withDelayed = false): TermInputs {
    const all = (socket: string): Term[] => {
      if (definition.inputs[socket]?.isDelayed && !withDelayed) return [];
      const edges = this.into.get(id)?.filter(({ to }) => to.socket === socket) ?? [];
      return edges.map(({ from }) => this.term(from.node, from.socket));
    };
    return { all, get: (socket) => all(socket)[0] };
  }

  private contextOf(node: Known): TermContext {
    const { id } = node;
    const to = (socket: string): Known[] =>
      (this.outOf.get(id) ?? []).flatMap(({ from, to }) =>
        from.socket === socket ? (this.nodes.get(to.node) ?? []) : [],
      );
    const times = ["", "′", "″", "‴"];
    return {
      node: id,
      name: (letter) => {
        const count = this.count(letter);
        return count === 0 ? letter : letter + subscript(count + 1);
      },
      time: (letter) => {
        const count = this.count(`time ${letter}`);
        return part(id, expr(letter + (times[count] ?? subscript(count + 1))));
      },
      isShared: (socket) => new Set(to(socket).filter((each) => !LOOKS.includes(each.definition.family))).size > 1,
      isUsed: (socket) => to(socket).length > 0,
      isTrained: (socket) => to(socket).some((each) => each.definition.trainer !== undefined),
      isFirst: (key) => this.count(`said ${key}`) === 0,
      define: (left, relation, right) => {
        this.equations.push({ node: id, left: part(id, expr(left)), relation, right: part(id, expr(right)) });
      },
      later: (say) => {
        this.late.push(() => say(this.inputsOf(node, true)));
      },
    };
  }

  private count(letter: string): number {
    const count = this.names.get(letter) ?? 0;
    this.names.set(letter, count + 1);
    return count;
  }
}

const part = (node: string, inner: Expr): Expr => ({ kind: "part", node, inner });
const subscript = (n: number): string => [...String(n)].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[Number(digit)]).join("");
