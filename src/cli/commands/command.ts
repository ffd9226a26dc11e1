/** What was typed is no command; the usage is shown. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A command of one word or of two: `certkeep import`, `certkeep token create`. */
export interface Command {
  /** How it is called, and what it does: as the usage shows it. */
  readonly usage: string;
  /**
   * @param parameters what stands behind its words
   * @returns the exit code
   * @throws {UsageError} where the parameters are none of its own
   */
  run(parameters: string[]): Promise<number>;
}

/** Commands by their words, with a space between two. */
export type Commands = Readonly<Record<string, Command>>;

/** What was typed, taken apart. */
export interface TypedCommand {
  readonly command: Command;
  readonly parameters: string[];
}

/** Finds the command that is typed; of one that has two words, both count. Undefined where there is none. */
export function findCommand(commands: Commands, typed: readonly string[]): TypedCommand | undefined {
  const words = [2, 1].find(
    (count) => count <= typed.length && Object.hasOwn(commands, typed.slice(0, count).join(' ')),
  );
  const command = words === undefined ? undefined : commands[typed.slice(0, words).join(' ')];
  return command && { command, parameters: typed.slice(words) };
}

/** Whether help is asked for in place of what a command does. What stands behind `--` is no option. */
export function asksForHelp(parameters: readonly string[]): boolean {
  const end = parameters.indexOf('--');
  return parameters.slice(0, end === -1 ? undefined : end).includes('--help');
}

/** How commands are called, those that begin with a word, or all. */
export function usageOf(commands: Commands, word?: string): string {
  return Object.entries(commands)
    .filter(([name]) => word === undefined || name.split(' ')[0] === word)
    .map(([, { usage }]) => `  certkeep ${usage}\n`)
    .join('');
}
