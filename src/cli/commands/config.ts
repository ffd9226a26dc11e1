import { access, constants } from 'node:fs/promises';
import { type Config, ConfigError, readConfig, type Source, sourceOf, unknownVariables } from '../../config.ts';
import { ENVIRONMENT_NAMES, type EnvironmentName, environmentSchema, isSecret } from '../../environment.ts';
import { givenKeys, StartRefused } from '../../operations/index.ts';
import type { Commands } from './command.ts';
import { readOptions } from './options.ts';
import { tableText } from './text-output.ts';

export const configCommands: Commands = {
  'config check': {
    usage: `config check
      Reads the configuration as the server would, and shows what is in effect, secrets left out. Opens no database. Ends with 78 and a message that names
      the variable where one can't be used.`,
    async run(parameters) {
      readOptions(parameters, {});
      const config = readConfig(process.env);
      await examine(config);
      const rows = ENVIRONMENT_NAMES.map((name) => {
        const source = sourceOf(process.env, name);
        return [name, shown(name, source), source];
      });
      process.stdout.write(tableText([['VARIABLE', 'VALUE', 'FROM'], ...rows]));
      for (const name of unknownVariables(process.env)) {
        process.stderr.write(`${name}: is no variable of this version, and is ignored\n`);
      }
      return 0;
    },
  },
};

/**
 * What only the start would find out, as far as it takes no database.
 *
 * @throws {ConfigError | StartRefused}
 */
async function examine(config: Config): Promise<void> {
  const { databaseUrl, discoveryDirectory } = config;
  if (givenKeys(config).keks === undefined && databaseUrl !== undefined) {
    throw new StartRefused('KEK_MISSING');
  }
  if (discoveryDirectory !== undefined) {
    await access(discoveryDirectory, constants.R_OK | constants.X_OK).catch((error: NodeJS.ErrnoException) => {
      throw new ConfigError(`CERTKEEP_DISCOVERY_DIR: can't be read (${error.code})`);
    });
  }
}

const DEFAULTS: Readonly<Record<string, unknown>> = environmentSchema.parse({});

function shown(name: EnvironmentName, source: Source): string {
  const value = source === 'default' ? DEFAULTS[name] : process.env[source === 'file' ? `${name}_FILE` : name];
  if (value === undefined) {
    return '-';
  }
  return source === 'environment' && isSecret(name) ? 'given' : String(value);
}
