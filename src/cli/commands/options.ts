import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from './command.ts';

type OptionsConfig = NonNullable<ParseArgsConfig['options']>;

/**
 * Reads the options of a command.
 *
 * @param options as `parseArgs` of node:util takes them
 * @param operands how many words stand beside them: so many, or from the least to the most
 * @throws {UsageError} for anything else
 */
export function readOptions<const Options extends OptionsConfig>(
  parameters: readonly string[],
  options: Options,
  operands: number | readonly [least: number, most: number] = 0,
) {
  const [least, most] = typeof operands === 'number' ? [operands, operands] : operands;
  try {
    const { values, positionals } = parseArgs({ args: [...parameters], options, allowPositionals: most > 0 });
    if (positionals.length < least || positionals.length > most) {
      throw new UsageError(most === 0 ? 'nothing stands behind the options' : 'a name is missing, or is one too many');
    }
    return { values, operands: positionals };
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(error instanceof Error ? error.message : String(error));
  }
}
