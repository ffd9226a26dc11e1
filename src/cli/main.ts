#!/usr/bin/env node
import { explainFailure } from '../operations/index.ts';
import { version } from '../version.ts';
import { accountCommands } from './commands/account.ts';
import { auditCommands } from './commands/audit.ts';
import { type Commands, UsageError } from './commands/command.ts';
import { kekCommands } from './commands/kek.ts';
import { signingKeyCommands } from './commands/signing-key.ts';
import { tokenCommands } from './commands/token.ts';

const COMMANDS: Commands = {
  ...tokenCommands,
  ...accountCommands,
  ...kekCommands,
  ...auditCommands,
  ...signingKeyCommands,
};

const USAGE = `Usage:
${Object.values(COMMANDS)
  .map(({ usage }) => `  certkeep ${usage}\n`)
  .join('')}  certkeep --version

The database is the one that the server would use: DATABASE_URL, or the embedded one of CERTKEEP_DATA_DIR, also while a server runs on it.
`;

/** sysexits.h, EX_USAGE. */
const EX_USAGE = 64;

async function run([noun, verb, ...parameters]: readonly string[]): Promise<number> {
  if (noun === '--version') {
    process.stdout.write(`${version}\n`);
    return 0;
  }
  if (noun === undefined || noun === '--help') {
    process.stdout.write(USAGE);
    return 0;
  }
  const name = `${noun} ${verb ?? ''}`;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    process.stderr.write(USAGE);
    return EX_USAGE;
  }
  try {
    return await command.run(parameters);
  } catch (error) {
    if (!(error instanceof UsageError)) {
      throw error;
    }
    process.stderr.write(`${error.message}\n\n  certkeep ${command.usage}\n`);
    return EX_USAGE;
  }
}

run(process.argv.slice(2)).then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    const { text, exitCode } = explainFailure(error, 'The command can not be carried out');
    process.stderr.write(`${text}\n`);
    process.exit(exitCode);
  },
);
