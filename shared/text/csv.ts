/** Lines of cells as CSV (RFC 4180), quoting what needs it. */
export const csv = (lines: readonly (readonly (string | number)[])[]): string =>
  lines.map((cells) => `${cells.map(cell).join(",")}\r\n`).join("");

const cell = (value: string | number): string => {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
