import { BackupError } from '../../operations/index.ts';
import { backupPassphrase } from './backup-passphrase.ts';
import type { Commands } from './command.ts';
import { readOptions } from './options.ts';
import { withStore } from './store.ts';

/** Guesses need neither a server nor a token, so that there is no bound to them but scrypt. */
const MIN_PASSPHRASE_CHARACTERS = 16;

export const backupCommands: Commands = {
  backup: {
    usage: `backup FILE [--passphrase-file PATH] [--force]
      Writes all that the store holds into a file (- for standard output), while servers run; sealed under the key-encryption key, or under
      a passphrase, and then with the keys in it. --force replaces a file that is there.`,
    async run(parameters) {
      const { values, operands } = readOptions(
        parameters,
        { 'passphrase-file': { type: 'string' }, force: { type: 'boolean', default: false } },
        1,
      );
      const [path = ''] = operands;
      const passphrase = await backupPassphrase(values['passphrase-file']);
      if (passphrase !== undefined && passphrase.length < MIN_PASSPHRASE_CHARACTERS) {
        throw new BackupError('PASSPHRASE_UNFIT', values['passphrase-file']);
      }
      const { rows, bytes, sha256 } = await withStore(({ backups }) =>
        backups.write({
          destination: path === '-' ? process.stdout : path,
          replaces: values.force,
          passphrase: passphrase === undefined ? undefined : { passphrase },
          onTable: (table, count) => void process.stderr.write(`${table}: ${count}\n`),
        }),
      );
      // Standard output may be the backup.
      process.stderr.write(`${rows} rows, ${bytes} bytes, SHA-256 ${sha256}\n`);
      return 0;
    },
  },
};
