/** Times and shares of a profile as people read them. */
export const ms = (value: number): string => (value < 0.005 ? "0" : value < 10 ? value.toFixed(2) : value.toFixed(1));
export const percent = (share: number): string => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
