/** What a command of the command line is. */

export interface Terminal {
  /** One line on stdout. */
  print(line: string): void;
  /** One line on stderr. */
  complain(line: string): void;
}

export interface Command {
  readonly name: string;
  /** Arguments, as shown by the help. */
  readonly usage: string;
  readonly summary: string;
  /** Returns the exit status: 0 done, 1 the work failed, 2 unusable input. */
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}

/** Input that cannot be used; the message is the one line shown. Exit status 2. */
export class UnusableInput extends Error {
  override readonly name = "UnusableInput";
}

/** The work itself failed. Exit status 1. */
export class WorkFailed extends Error {
  override readonly name = "WorkFailed";
}
