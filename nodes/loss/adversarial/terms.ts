/** The adversarial objectives as parts of a formula (methods 3.6); `objectives.ts` computes them. */
import { type Expr, row, type Term, weighted, word } from "@distillery/shared/graph/formula";
import type { Objective } from "./objectives";

const MEAN = word("mean ");

export function generatorTerm(kind: Objective, weight: number, fake: Expr): Term {
  switch (kind) {
    case "wgan":
    case "hinge":
      return { expr: weighted(weight, row(MEAN, fake)), isNegative: true };
    case "hinge-both":
      return { expr: weighted(weight, row(MEAN, word("relu"), "(1 − ", fake, ")")) };
    case "bce":
      return { expr: weighted(weight, row(MEAN, word("softplus"), "(−", fake, ")")) };
  }
}

export function discriminatorTerm(kind: Objective, real: Expr, fake: Expr): Expr {
  switch (kind) {
    case "wgan":
      return row(MEAN, word("max"), "(−1, −", real, ") + ", MEAN, word("max"), "(−1, ", fake, ")");
    case "hinge":
    case "hinge-both":
      return row(MEAN, word("relu"), "(1 − ", real, ") + ", MEAN, word("relu"), "(1 + ", fake, ")");
    case "bce":
      return row(MEAN, word("softplus"), "(−", real, ") + ", MEAN, word("softplus"), "(", fake, ")");
  }
}
