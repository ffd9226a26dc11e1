import { OPERATOR } from '../../audit/index.ts';
import { type ExportFormat, type ExportResult, exportPairs } from '../../operations/transfer/index.ts';
import { type Commands, UsageError } from './command.ts';
import { INTERRUPTED, interruptibly } from './interruption.ts';
import { readOptions } from './options.ts';
import { askPassphrase, isAtTerminal, passphraseIn } from './passphrase.ts';
import { progressLine } from './progress.ts';
import { withStore } from './store.ts';
import { jsonOf, printable } from './text-output.ts';
import { PLACE_OPTIONS, placeOf, tellingFailures } from './transfer-options.ts';

export const exportCommands: Commands = {
  export: {
    usage: `export DIR [--name NAME]… [--realm strata --scope TSG/KIND:NAME] [--format pem|pkcs12] [--passphrase-file FILE]
                  [--certificates-only] [--force] [--json]
      Writes certificates and their private keys into a directory: those of these names, or all. Only you can read the files; each view is
      told in the audit trail. Keys that must not leave stay. "certkeep import DIR" takes it in again. With --force an earlier export is
      written over. Exit code: 0, or 1 where anything was refused.`,
    async run(parameters) {
      const { values, operands } = readOptions(
        parameters,
        {
          name: { type: 'string', multiple: true },
          ...PLACE_OPTIONS,
          format: { type: 'string', default: 'pem' },
          'passphrase-file': { type: 'string' },
          'certificates-only': { type: 'boolean', default: false },
          force: { type: 'boolean', default: false },
          json: { type: 'boolean', default: false },
        },
        1,
      );
      const [directory = ''] = operands;
      const { placement } = placeOf(values);
      const { name: names, json, force, 'certificates-only': certificatesOnly } = values;
      return tellingFailures(async () => {
        const format = await formatOf(values.format, values['passphrase-file']);
        const results: ExportResult[] = [];
        const isComplete = await withStore(async ({ keypairs, work }) => {
          const target = {
            keypairs,
            work,
            actor: OPERATOR,
            placement,
            directory,
            names,
            format,
            certificatesOnly,
            force,
          };
          const { total } = await keypairs.list(placement, {}, [], { limit: 1, offset: 0 });
          const progress = progressLine('pairs exported');
          const onResult = (result: ExportResult) => {
            results.push(result);
            if (names === undefined && total > 1) {
              progress.report(results.length, total);
            }
          };
          return interruptibly((signal) => exportPairs(target, { signal, onResult })).finally(progress.end);
        });
        print(results, isComplete, json);
        return isComplete ? Number(results.some(({ outcome }) => outcome === 'refused')) : INTERRUPTED;
      });
    },
  },
};

/** @throws {UsageError} */
async function formatOf(name: string, file: string | undefined): Promise<ExportFormat> {
  if (name === 'pem' && file === undefined) {
    return { name };
  }
  if (name !== 'pkcs12') {
    throw new UsageError(name === 'pem' ? 'a passphrase needs --format pkcs12' : '--format takes pem or pkcs12');
  }
  if (file === undefined && !isAtTerminal()) {
    throw new UsageError('--passphrase-file is missing');
  }
  const passphrase = file === undefined ? await askTwice() : await passphraseIn(file);
  if (passphrase === '') {
    throw new UsageError('the passphrase is empty, and would protect nothing');
  }
  return { name, passphrase };
}

async function askTwice(): Promise<string> {
  const passphrase = await askPassphrase('Passphrase for the PKCS#12 files: ');
  if (passphrase !== (await askPassphrase('Once more: '))) {
    throw new UsageError('the two passphrases differ');
  }
  return passphrase;
}

/** Of every pair to a machine; to people, what is not as they may think. */
function print(results: readonly ExportResult[], isComplete: boolean, json: boolean): void {
  const exported = results.filter((result) => result.outcome === 'exported');
  const refused = results.filter((result) => result.outcome === 'refused');
  const withheld = exported.filter(({ privateKey }) => privateKey === 'withheld');
  const keys = exported.filter(({ privateKey }) => privateKey === 'exported');
  const counts = { exported: exported.length, private_keys: keys.length, withheld: withheld.length };
  if (json) {
    process.stdout.write(jsonOf({ complete: isComplete, ...counts, refused: refused.length, results }));
    return;
  }
  for (const { name, reason } of refused) {
    process.stderr.write(`refused  ${printable(name)}: ${printable(reason)}\n`);
  }
  for (const { name } of withheld) {
    process.stderr.write(`without its private key, which must not leave: ${printable(name)}\n`);
  }
  process.stdout.write(
    `${counts.exported} exported, ${counts.private_keys} of them with private key, ${refused.length} refused\n`,
  );
  if (!isComplete) {
    process.stderr.write('interrupted: what was written is listed in the manifest\n');
  }
}
