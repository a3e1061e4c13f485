/** The gradient rules of all operators. */
import { convRules } from "./conv";
import { elementwise } from "./elementwise";
import { indexing } from "./indexing";
import { linear } from "./linear";
import { normRules } from "./norm";
import { poolRules } from "./pool";
import { reduce } from "./reduce";
import { resizeRules } from "./resize";
import type { RuleTable } from "./rule";
import { shape } from "./shape";

export const RULES: RuleTable = {
  ...elementwise,
  ...linear,
  ...reduce,
  ...shape,
  ...indexing,
  ...convRules,
  ...poolRules,
  ...resizeRules,
  ...normRules,
};

/** Whether the operator's rule takes lazy gradients (see `sumTo`); all others get them spread to the output's shape. */
export const takesLazyGradients = (op: string): boolean => Object.hasOwn(elementwise, op);
