/** Light, dark, or whatever the system prefers; the choice is kept in this browser. */
export type ThemeMode = "system" | "light" | "dark";

const STORAGE_KEY = "distillery.theme";

export function storedThemeMode(): ThemeMode {
  const stored = localStorage.getItem(STORAGE_KEY);
  return stored === "light" || stored === "dark" ? stored : "system";
}

export const resolveTheme = (mode: ThemeMode): "light" | "dark" =>
  mode === "system" ? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light") : mode;

/** Puts the theme on the root element, where `tokens.css` looks for it, and remembers the choice. */
export function applyThemeMode(mode: ThemeMode): "light" | "dark" {
  const resolved = resolveTheme(mode);
  document.documentElement.dataset.theme = resolved;
  if (mode === "system") localStorage.removeItem(STORAGE_KEY);
  else localStorage.setItem(STORAGE_KEY, mode);
  return resolved;
}
