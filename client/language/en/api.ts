export const api = {
  needsToken: "The server asks for its access token: open the address it printed at start.",
  failed: (what: string, status: string) => `${what} failed: the server answered ${status}.`,
  offline: "The server does not answer. Your work is kept in this browser; it will reconnect by itself.",
  unclear: (what: string, why: string) => `The answer to ${what} is not understood (${why}). Reload the page.`,
  noBody: "no body",
  upload: {
    stopped: "The upload was stopped.",
    failed: (status: number) => `The upload failed: the server answered ${status}.`,
    unclear: "The answer to the upload is not JSON.",
  },
};
