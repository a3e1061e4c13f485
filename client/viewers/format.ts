/** Numbers as people read them. */
import { language, say } from "../language";

const words = say.viewers.format;
/** English dates have the order of day and month from the browser's own settings. */
const LOCALE = language === "en" ? [] : language;

/** Four significant digits; very large and small ones in powers of ten. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4)
    return value
      .toExponential(2)
      .replace(/\.?0*e\+?/, "e")
      .replace("-", "−");
  const text = size >= 1000 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(4)));
  return text.replace("-", "−");
}

/** `12 s`, `3 min 05 s`, `2 h 10 min`. */
export function formatDuration(seconds: number): string {
  if (seconds < 1) return words.milliseconds(Math.max(0, Math.round(seconds * 1000)));
  if (seconds < 10) return words.seconds(seconds.toFixed(1));
  const whole = Math.round(seconds);
  if (whole < 60) return words.seconds(String(whole));
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return words.minutes(minutes, String(whole % 60).padStart(2, "0"));
  return words.hours(Math.floor(minutes / 60), String(minutes % 60).padStart(2, "0"));
}

export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB"];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** `just now`, `5 min ago`, `yesterday 14:02`, or the date. */
export function formatTime(time: number, now: number): string {
  const seconds = (now - time) / 1000;
  if (seconds < 45) return words.justNow;
  if (seconds < 3600) return words.minutesAgo(Math.max(1, Math.round(seconds / 60)));
  const date = new Date(time);
  const clock = date.toLocaleTimeString(LOCALE, { hour: "2-digit", minute: "2-digit" });
  const days = Math.round((new Date(now).setHours(0, 0, 0, 0) - new Date(time).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days === 0) return clock;
  if (days === 1) return words.yesterday(clock);
  return `${date.toLocaleDateString(LOCALE, { day: "numeric", month: "short" })} ${clock}`;
}

export const formatDate = (time: number): string =>
  new Date(time).toLocaleDateString(LOCALE, { day: "numeric", month: "short", year: "numeric" });

export const formatShape = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

/** `styleSimilarity` as people write it: `Style similarity`. */
export function wordsOf(name: string): string {
  const text = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}
