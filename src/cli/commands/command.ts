/** What was typed is no command; the usage is shown. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A command of two words: `certkeep token create`. */
export interface Command {
  /** How it is called, and what it does: as the usage shows it. */
  readonly usage: string;
  /**
   * @param parameters what stands behind the two words
   * @returns the exit code
   * @throws {UsageError} where the parameters are none of its own
   */
  run(parameters: string[]): Promise<number>;
}

/** Commands by their two words. */
export type Commands = Readonly<Record<string, Command>>;
