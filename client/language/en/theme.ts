export const theme = {
  close: "Close",
  confirm: {
    delete: "Delete",
    keep: "Keep",
    /** `verb` is what is done, "Delete" or "Revoke", to `what`. */
    label: (verb: string, what: string) => `${verb} ${what}`,
    question: (verb: string, what: string) => `${verb} ${what}?`,
  },
};
