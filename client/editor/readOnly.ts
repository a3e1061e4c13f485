/** Why nothing can be changed, for commands; "" where it can. */
export const whyReadOnly = (session: { readonly readOnly: boolean }): string =>
  session.readOnly ? "This graph is shared read only; fork it to change it." : "";
