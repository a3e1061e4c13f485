/** What trained networks say of themselves in a formula: their weights are θ. */
import { expr, type TermContext, type TermInputs } from "@distillery/shared/graph/formula";

export const networkTerms = (_inputs: TermInputs, _params: unknown, { name }: Pick<TermContext, "name">) => ({
  weights: { expr: expr(name("θ")) },
});
