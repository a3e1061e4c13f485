/** An expression as HTML that wraps like text: letters slanted, words upright, parts that know their node. */
import type { Expr } from "@distillery/shared/graph/formula";
import { type FunctionalComponent, h, type VNodeChild } from "vue";
import { runsOf } from "./runs";

interface Shown {
  expr: Expr;
  /** Nodes whose parts stand out. */
  lit: ReadonlySet<string>;
}

export const ExprView: FunctionalComponent<Shown> = ({ expr, lit }) => render(expr, lit);
ExprView.props = ["expr", "lit"];

/** No line ends beside an arrow. */
const unbroken = (text: string): string => text.replaceAll(" → ", "\u00a0→\u00a0");

function render(expr: Expr, lit: ReadonlySet<string>): VNodeChild {
  switch (expr.kind) {
    case "text":
      return expr.upright
        ? expr.text
        : runsOf(unbroken(expr.text)).map(({ text, kind }) => (kind === "upright" ? text : h(kind, text)));
    case "row":
      return expr.items.map((item) => render(item, lit));
    case "script":
      return [
        render(expr.base, lit),
        expr.sub && h("sub", [render(expr.sub, lit)]),
        expr.sup && h("sup", [render(expr.sup, lit)]),
      ];
    case "part":
      return h("span", { class: ["part", { lit: lit.has(expr.node) }], "data-part": expr.node }, [
        render(expr.inner, lit),
      ]);
  }
}
