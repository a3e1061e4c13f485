const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, "-");

/** The name that is meant: itself, or the one that differs in case, blanks and hyphens only ("fluent-3d", "Fluent 3D"). */
export const meantName = (given: string, names: readonly string[]): string | undefined =>
  names.find((name) => name === given) ?? names.find((name) => plain(name) === plain(given));
