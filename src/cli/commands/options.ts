import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from './command.ts';

type OptionsConfig = NonNullable<ParseArgsConfig['options']>;

/**
 * Reads the options of a command.
 *
 * @param options as `parseArgs` of node:util takes them
 * @param operands how many words may stand beside them
 * @throws {UsageError} for anything else
 */
export function readOptions<const Options extends OptionsConfig>(
  parameters: readonly string[],
  options: Options,
  operands = 0,
) {
  try {
    const { values, positionals } = parseArgs({ args: [...parameters], options, allowPositionals: operands > 0 });
    if (positionals.length !== operands) {
      throw new UsageError(
        operands === 0 ? 'nothing stands behind the options' : 'a name is missing, or is one too many',
      );
    }
    return { values, operands: positionals };
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(error instanceof Error ? error.message : String(error));
  }
}
