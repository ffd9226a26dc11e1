import { isDeepStrictEqual } from 'node:util';
import { OPERATOR } from '../../audit/index.ts';
import { readConfig } from '../../config.ts';
import type { Store } from '../../operations/index.ts';
import {
  type ImportResult,
  importPairs,
  openDirectory,
  type PairSources,
  type PemFiles,
  pemFiles,
  pkcs12File,
} from '../../operations/transfer/index.ts';
import { type Commands, UsageError } from './command.ts';
import { printReport, type ReportOptions } from './import-report.ts';
import { INTERRUPTED, interruptibly } from './interruption.ts';
import { readOptions } from './options.ts';
import { askPassphrase, isAtTerminal, passphraseIn } from './passphrase.ts';
import { progressLine } from './progress.ts';
import { withStore } from './store.ts';
import { PLACE_OPTIONS, type Place, placeOf, refuseSecondInput, tellingFailures } from './transfer-options.ts';

/** What is to be imported. */
type Wanted =
  | ({ readonly kind: 'pem' } & PemFiles)
  | { readonly kind: 'pkcs12'; readonly path: string; readonly name: string | undefined }
  | { readonly kind: 'directory'; readonly path: string };

interface Import extends ReportOptions {
  readonly wanted: Wanted;
  readonly passphrase: string;
  readonly place: Place;
  readonly isPlaceGiven: boolean;
}

interface Found extends PairSources {
  readonly refused: readonly ImportResult[];
  readonly passedOver: readonly string[];
}

export const importCommands: Commands = {
  import: {
    usage: `import --name NAME --certificate FILE [--private-key FILE]
  certkeep import --pkcs12 FILE [--passphrase-file FILE] [--name NAME]
  certkeep import DIR [--passphrase-file FILE]
                  [--realm strata --scope TSG/KIND:NAME] [--dry-run] [--json]
      Stores certificates and keys under their names, or renews what is stored there: a pair in PEM, one in PKCS#12, or all of a directory,
      which may be an export. What is stored already is left alone. With --dry-run everything is checked and nothing written. FILE may be -.
      Exit code: 0, or 1 where anything was refused.`,
    async run(parameters) {
      const { values, operands } = readOptions(
        parameters,
        {
          name: { type: 'string' },
          certificate: { type: 'string' },
          'private-key': { type: 'string' },
          pkcs12: { type: 'string' },
          'passphrase-file': { type: 'string' },
          ...PLACE_OPTIONS,
          'dry-run': { type: 'boolean', default: false },
          json: { type: 'boolean', default: false },
        },
        [0, 1],
      );
      const wanted = wantedOf(values, operands);
      const place = placeOf(values);
      const { json, 'dry-run': dryRun, 'passphrase-file': passphraseFile } = values;
      refuseSecondInput(values.certificate, values['private-key'], values.pkcs12, passphraseFile);
      return tellingFailures(async () => {
        const passphrase = await passphraseFor(wanted, passphraseFile);
        return importAll({ wanted, passphrase, place, isPlaceGiven: values.realm !== undefined, json, dryRun });
      });
    },
  },
};

type Values = Partial<
  Record<'name' | 'certificate' | 'private-key' | 'pkcs12' | 'passphrase-file', string | undefined>
>;

/** @throws {UsageError} */
function wantedOf(values: Values, [directory]: readonly string[]): Wanted {
  const { name, certificate, 'private-key': privateKey, pkcs12, 'passphrase-file': passphraseFile } = values;
  const given = [directory, certificate, pkcs12].filter((source) => source !== undefined);
  if (given.length !== 1 || (privateKey !== undefined && certificate === undefined)) {
    throw new UsageError('give --certificate with or without --private-key, or --pkcs12, or a directory');
  }
  if (certificate !== undefined) {
    if (name === undefined || passphraseFile !== undefined) {
      throw new UsageError(name === undefined ? '--name is missing' : 'a private key in PEM must not be encrypted');
    }
    return { kind: 'pem', name, certificate, privateKey };
  }
  if (pkcs12 !== undefined) {
    return { kind: 'pkcs12', path: pkcs12, name };
  }
  if (name !== undefined) {
    throw new UsageError('a directory names its pairs itself');
  }
  return { kind: 'directory', path: directory ?? '' };
}

function passphraseFor({ kind }: Wanted, file: string | undefined): Promise<string> | string {
  if (file !== undefined) {
    return passphraseIn(file);
  }
  return kind === 'pkcs12' && isAtTerminal() ? askPassphrase('Passphrase of the PKCS#12 file: ') : '';
}

async function importAll(wanted: Import): Promise<number> {
  const { place, dryRun } = wanted;
  const results: ImportResult[] = [];
  let passedOver: readonly string[] = [];
  let isComplete = false;
  await withStore(async (store) => {
    const found = await sourcesOf(wanted, store);
    results.push(...found.refused);
    passedOver = found.passedOver;
    const progress = progressLine(dryRun ? 'pairs looked at' : 'pairs imported');
    let done = 0;
    const onResult = (result: ImportResult) => {
      results.push(result);
      if (found.total > 1) {
        progress.report(++done, found.total);
      }
    };
    try {
      const target = { keypairs: store.keypairs, actor: OPERATOR, ...place, dryRun };
      isComplete = await interruptibly((signal) => importPairs(target, found, { signal, onResult }));
    } finally {
      // Also where the database went away in the middle.
      progress.end();
      printReport({ results, passedOver, isComplete }, wanted);
    }
  });
  if (!isComplete) {
    return INTERRUPTED;
  }
  return results.some(({ outcome }) => outcome === 'refused') ? 1 : 0;
}

async function sourcesOf(wanted: Import, { work }: Store): Promise<Found> {
  const { bodyLimit: maxBytes } = readConfig(process.env);
  const { wanted: source, passphrase } = wanted;
  if (source.kind === 'pem') {
    return alone(pemFiles(source, { maxBytes }));
  }
  if (source.kind === 'pkcs12') {
    return alone(pkcs12File({ ...source, passphrase }, work));
  }
  const { exportedFrom, refused, ...sources } = await openDirectory(source.path, { maxBytes, passphrase, work });
  if (exportedFrom !== undefined && !wanted.isPlaceGiven && !isDeepStrictEqual(exportedFrom, wanted.place.placement)) {
    const { realm, scope } = exportedFrom;
    throw new UsageError(`this is an export of ${realm} ${scope}: say with --realm and --scope where it is to go`);
  }
  const isNone = ({ code }: { code: string }) => code === 'NOT_PEM';
  return {
    ...sources,
    refused: refused.filter((file) => !isNone(file)).map((file) => ({ ...file, outcome: 'refused' })),
    passedOver: refused.filter(isNone).map(({ path }) => path),
  };
}

function alone(source: ReturnType<typeof pemFiles>): Found {
  return { total: 1, sources: [source], refused: [], passedOver: [] };
}
