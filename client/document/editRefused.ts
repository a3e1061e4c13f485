/** An edit that the rules forbid; the message is for people. */
export class EditRefused extends Error {
  override readonly name = "EditRefused";
}
