/** Inside a subgraph: which parameters of the selected node it shows outside. */
import type { InjectionKey } from "vue";

export interface ParamShowing {
  /** Whether there is an outside: a subgraph is open. */
  isOpen(): boolean;
  isShown(param: string): boolean;
  toggle(param: string): void;
}

export const PARAM_SHOWING: InjectionKey<ParamShowing> = Symbol("param showing");
