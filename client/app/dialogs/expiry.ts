import { say } from "../../language";

const DAY = 86_400_000;

/** When a link ends, in words; times in ms. */
export function expiryText(expiresAt: number | null, now: number): string {
  const words = say.dialogs.share;
  if (expiresAt === null) return words.neverExpires;
  const days = Math.ceil((expiresAt - now) / DAY);
  return days <= 1 ? words.expiresSoon : words.expiresIn(days);
}
