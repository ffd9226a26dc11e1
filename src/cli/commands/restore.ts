import { readConfig } from '../../config.ts';
import { createLogger } from '../../logger.ts';
import { restore, restoreTarget } from '../../operations/index.ts';
import { backupPassphrase } from './backup-passphrase.ts';
import { type Commands, UsageError } from './command.ts';
import { readOptions } from './options.ts';

export const restoreCommands: Commands = {
  restore: {
    usage: `restore FILE [--passphrase-file PATH] [--kek-file PATH] [--audit-key-file PATH] [--check]
      Verifies a backup, and then puts it into an empty store; all of it or nothing. Keys that are in the backup and not configured go into
      new files: those two, or those of the embedded store. --check verifies, and writes nothing.`,
    async run(parameters) {
      const { values, operands } = readOptions(
        parameters,
        {
          'passphrase-file': { type: 'string' },
          'kek-file': { type: 'string' },
          'audit-key-file': { type: 'string' },
          check: { type: 'boolean', default: false },
        },
        1,
      );
      const [path = ''] = operands;
      const config = readConfig(process.env);
      const { 'kek-file': kekFile, 'audit-key-file': auditKeyFile, check: checksOnly } = values;
      if (config.databaseUrl === undefined && (kekFile ?? auditKeyFile) !== undefined) {
        throw new UsageError(
          '--kek-file and --audit-key-file are for DATABASE_URL: an embedded store has places of its own',
        );
      }
      const say = (text: string) => void process.stderr.write(`${text}\n`);
      const { rows, keyFiles } = await restore({
        path,
        passphrase: await backupPassphrase(values['passphrase-file']),
        target: await restoreTarget({ config, log: createLogger('silent'), kekFile, auditKeyFile }),
        checksOnly,
        onVerified: (backup) =>
          say(`The backup is whole: of ${backup.createdAt}, by Certkeep ${backup.certkeep}, ${backup.rows} rows`),
        onTable: (table, count) => say(`${table}: ${count}`),
      });
      if (!checksOnly) {
        const made = keyFiles.map((file) => `, keys into ${file}`).join('');
        process.stdout.write(`${rows} rows restored${made}\n`);
      }
      return 0;
    },
  },
};
