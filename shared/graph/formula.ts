/**
 * Mathematics as data: expressions whose parts know which node they come from. A node type says its part with `terms`;
 * `shared/formula/methodFormula.ts` puts the parts of a graph together.
 */

export type Expr =
  | { readonly kind: "text"; readonly text: string; readonly upright?: boolean }
  | { readonly kind: "script"; readonly base: Expr; readonly sub?: Expr; readonly sup?: Expr }
  | { readonly kind: "row"; readonly items: readonly Expr[] }
  /** A part that belongs to a node of the document. */
  | { readonly kind: "part"; readonly node: string; readonly inner: Expr };

/** What a formula is written with: expressions, letters and words. */
export type Written = Expr | string | number;

/** A number as people write it in a formula. */
const number = (value: number): string => String(Number(value.toPrecision(4))).replace("-", "−");

/** One letter (with accents or primes) is a variable; longer texts are upright: operators and words. */
export const expr = (written: Written): Expr => {
  if (typeof written === "object") return written;
  return { kind: "text", text: typeof written === "number" ? number(written) : written };
};
export const row = (...items: readonly Written[]): Expr => ({ kind: "row", items: items.map(expr) });
/** A name or a word that stands upright: sg, mean, DDIM. */
export const word = (text: string): Expr => ({ kind: "text", text, upright: true });
export const indexed = (base: Written, below: Written, above?: Written): Expr => ({
  kind: "script",
  base: expr(base),
  sub: expr(below),
  ...(above !== undefined && { sup: expr(above) }),
});
export const raised = (base: Written, above: Written): Expr => ({ kind: "script", base: expr(base), sup: expr(above) });
/** `f(a, b)`; what is missing is left out. */
export const call = (f: Written, ...given: readonly (Written | undefined)[]): Expr => {
  const args = given.filter((each) => each !== undefined);
  return row(f, "(", ...args.flatMap((each, i) => (i === 0 ? [each] : [", ", each])), ")");
};
/** `weight · inner`, or `inner` alone when it counts once. */
export const weighted = (weight: unknown, inner: Written): Expr =>
  typeof weight === "number" && weight !== 1 ? row(weight, " ", inner) : expr(inner);

/** `written` as a part of the node that `term` comes from. */
export const of = (term: Term | undefined, written: Written): Expr =>
  term?.expr.kind === "part" ? { kind: "part", node: term.expr.node, inner: expr(written) } : expr(written);

/** A state's letter at another time: x̂_s as x̂_u. */
export function atTime(written: Expr, time: Written): Expr {
  if (written.kind === "part") return atTime(written.inner, time);
  return written.kind === "script" ? { ...written, sub: expr(time) } : indexed(written, time);
}

/** A value on a wire, as formulas speak of it. */
export interface Term {
  readonly expr: Expr;
  /** Of a loss: it is taken away from the sum. */
  readonly isNegative?: boolean;
  /** Time of a state. */
  readonly time?: Expr;
}
export type Relation = "=" | "∼" | "←" | "∈";

/** One line: what a symbol stands for. */
export interface Equation {
  readonly node: string;
  readonly left: Expr;
  readonly relation: Relation;
  readonly right: Expr;
}

export interface TermInputs {
  /** What arrives at an input; undefined when nothing is wired there. Of several wires the first. */
  get(socket: string): Term | undefined;
  all(socket: string): readonly Term[];
}

export interface TermContext {
  readonly node: string;
  /** A letter for this node; a later one that wants the same gets a number: θ, θ₂. */
  name(letter: string): string;
  /** A time for this node: t, then t′, t″, ... */
  time(letter: string): Expr;
  /** Whether an output is wired to more than one node that computes: then it deserves a letter. */
  isShared(socket: string): boolean;
  /** Whether an output is wired to anything. */
  isUsed(socket: string): boolean;
  /** Whether these weights go into a trainer. */
  isTrained(socket: string): boolean;
  /** True the first time that it is asked with this key: for what several nodes would say alike. */
  isFirst(key: string): boolean;
  /** Says what a symbol of this node stands for. */
  define(left: Written, relation: Relation, right: Written): void;
  /** Says so after everything else, when the delayed inputs have their terms, too. */
  later(say: (inputs: TermInputs) => void): void;
}

/** What a node type says of its outputs; outputs it does not name go by the node's title. */
export type Terms<P> = (
  inputs: TermInputs,
  params: P,
  context: TermContext,
) => Readonly<Record<string, Term | undefined>>;

/** The plain text of an expression: for screen readers, tests and the clipboard. */
export function textOf(written: Expr): string {
  switch (written.kind) {
    case "text":
      return written.text;
    case "row":
      return written.items.map(textOf).join("");
    case "part":
      return textOf(written.inner);
    case "script": {
      const bracket = (inner: string) => ([...inner].length > 1 && !/^.[′⁻₀-₉]*$/u.test(inner) ? `{${inner}}` : inner);
      const below = written.sub ? `_${bracket(textOf(written.sub))}` : "";
      const above = written.sup ? `^${bracket(textOf(written.sup))}` : "";
      return textOf(written.base) + below + above;
    }
  }
}

/** All nodes that have a part in it. */
export function nodesIn(written: Expr): string[] {
  switch (written.kind) {
    case "text":
      return [];
    case "row":
      return written.items.flatMap(nodesIn);
    case "part":
      return [written.node, ...nodesIn(written.inner)];
    case "script":
      return [written.base, written.sub, written.sup].flatMap((each) => (each ? nodesIn(each) : []));
  }
}
