/** Text inside markup: also safe between the quotes of an attribute. What XML cannot hold at all is left out. */
export const escaped = (text: string): string =>
  text.replace(/(?![\t\n\r])[\p{Cc}\p{Cs}\ufffe\uffff]/gu, "").replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
