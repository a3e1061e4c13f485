/** Why a request of the playground has no result; the message is for whoever asked. */
export class PlaygroundRefused extends Error {
  override readonly name = "PlaygroundRefused";
  constructor(
    /** `missing`: no such thing; `conflict`: not yet; `invalid`: of no use; `busy`: later; `failed`: the work failed. */
    readonly kind: "missing" | "conflict" | "invalid" | "busy" | "failed",
    message: string,
  ) {
    super(message);
  }
}
