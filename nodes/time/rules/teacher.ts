import type { TargetRule } from "./rule";

/** SDXL-Lightning: s = t, and the teacher's state itself is the target. */
export const teacher: TargetRule<unknown> = ({ t }) => t;
