#!/usr/bin/env node
import { explainFailure } from '../operations/index.ts';
import { version } from '../version.ts';
import { accountCommands } from './commands/account.ts';
import { auditCommands } from './commands/audit.ts';
import { backupCommands } from './commands/backup.ts';
import { asksForHelp, type Commands, findCommand, UsageError, usageOf } from './commands/command.ts';
import { configCommands } from './commands/config.ts';
import { exportCommands } from './commands/export.ts';
import { importCommands } from './commands/import.ts';
import { kekCommands } from './commands/kek.ts';
import { restoreCommands } from './commands/restore.ts';
import { signingKeyCommands } from './commands/signing-key.ts';
import { tokenCommands } from './commands/token.ts';
import { webhookCommands } from './commands/webhook.ts';

const COMMANDS: Commands = {
  ...tokenCommands,
  ...accountCommands,
  ...configCommands,
  ...kekCommands,
  ...auditCommands,
  ...signingKeyCommands,
  ...importCommands,
  ...exportCommands,
  ...backupCommands,
  ...restoreCommands,
  ...webhookCommands,
};

const USAGE = `Usage:
${usageOf(COMMANDS)}  certkeep --version

The database is the one that the server would use: DATABASE_URL, or the embedded one of CERTKEEP_DATA_DIR, also while a server runs on it.
`;

/** sysexits.h, EX_USAGE. */
const EX_USAGE = 64;

async function run(typed: readonly string[]): Promise<number> {
  const [word] = typed;
  if (word === '--version') {
    process.stdout.write(`${version}\n`);
    return 0;
  }
  if (word === undefined || word === '--help') {
    process.stdout.write(USAGE);
    return 0;
  }
  const found = findCommand(COMMANDS, typed);
  if (asksForHelp(typed)) {
    process.stdout.write(
      found === undefined ? usageOf(COMMANDS, word) || USAGE : `  certkeep ${found.command.usage}\n`,
    );
    return 0;
  }
  if (found === undefined) {
    process.stderr.write(USAGE);
    return EX_USAGE;
  }
  const { command, parameters } = found;
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
