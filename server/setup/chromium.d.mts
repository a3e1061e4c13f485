/** Path of an installed Chromium; undefined when there is none. */
export function findChromium(): string | undefined;
/** Finds or installs one; otherwise a message that says what to do. */
export function ensureChromium(): Promise<{ path: string; message?: undefined } | { path?: undefined; message: string }>;
