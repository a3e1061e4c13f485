/** Training updates as graph operations: optimisers, gradient clipping, learning-rate schedules, weight averages. */
export { type AdamOptions, adam, adamw } from "./optimisers/adam";
export { type Bundle, bundleVectors } from "./optimisers/bundle";
export { clipByGlobalNorm } from "./optimisers/clipByGlobalNorm";
export { ema } from "./optimisers/ema";
export type { Optimiser, Slots } from "./optimisers/optimiser";
export { type CosineOptions, constant, cosine, type Schedule } from "./optimisers/schedules";
export { type SgdOptions, sgd } from "./optimisers/sgd";
