import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import type { Writable } from 'node:stream';
import { type AuditKeys, type AuditTrail, OPERATOR } from '../../audit/index.ts';
import { migrationNames } from '../../database/index.ts';
import { missingKek, sealingFirst } from '../../sealing/index.ts';
import { version } from '../../version.ts';
import { openSnapshot, type Snapshot } from './backup-repository.ts';
import { contentOf } from './content-writing.ts';
import { BackupError } from './errors.ts';
import { requireFree, writeNewFile } from './new-file.ts';
import { FORMAT, type Header, VERSION } from './records.ts';
import { type PassphraseSeal, type Seal, type Written, writeSealed } from './sealed-writing.ts';
import type { Table } from './tables.ts';

type Keks = readonly [Uint8Array, ...Uint8Array[]];

export interface BackupsOptions {
  /** A direct connection to the database, as the owner of the tables. */
  readonly url: string;
  /** Those of this process. */
  readonly keks: Keks;
  readonly auditKeys: AuditKeys;
  readonly trail: AuditTrail;
}

export interface BackupRequest {
  /** A path, or a stream that is left open. */
  readonly destination: string | Writable;
  /** Whether a file may be there that the backup takes the place of. */
  readonly replaces: boolean;
  /** The KEK that seals, without it. With it the backup holds the KEKs too. */
  readonly passphrase: PassphraseSeal | undefined;
  /** Told of each table that is done. */
  onTable(table: Table, rows: number): void;
}

export interface BackupReport extends Written {
  readonly id: string;
  readonly rows: number;
}

/** Makes backups of an open store, beside servers that run on it. */
export interface Backups {
  /**
   * Writes a backup of one moment, and before it the event that tells so.
   *
   * @throws {BackupError} FILE_EXISTS, STORE_NEWER, WRONG_KEY
   * @throws {StoreUnavailable}
   */
  write(request: BackupRequest): Promise<BackupReport>;
}

export function backups(options: BackupsOptions): Backups {
  return {
    async write(request) {
      const { destination, replaces } = request;
      if (typeof destination === 'string') {
        await requireFree(destination, replaces);
      }
      const id = randomUUID();
      await options.trail.record(eventOf(id, request));
      const snapshot = await openSnapshot(options.url);
      try {
        const header = await headerOf(id, snapshot);
        const { seal, held } = planOf(options, request, header);
        let total = 0;
        const content = contentOf(header, held, snapshot, (table, rows) => {
          total += rows;
          request.onTable(table, rows);
        });
        const written =
          typeof destination === 'string'
            ? await writeNewFile(destination, (file) => writeSealed(content, seal, file, { end: true }), { replaces })
            : await writeSealed(content, seal, destination, { end: false });
        return { id, rows: total, ...written };
      } finally {
        await snapshot.close();
      }
    },
  };
}

/** All secrets leave, if sealed: of the closed list of actions that is what this is. */
function eventOf(id: string, { destination, passphrase }: BackupRequest) {
  const name = typeof destination === 'string' ? basename(destination) : '-';
  const model = { app: 'certkeep', modelName: 'backup', pk: id.replaceAll('-', ''), name };
  return {
    action: 'secret_view' as const,
    app: 'certkeep.backup',
    actor: OPERATOR,
    model,
    context: {
      secret: { app: model.app, model_name: model.modelName, name, pk: model.pk },
      sealed_under: passphrase === undefined ? 'kek' : 'passphrase',
    },
  };
}

/** @throws {BackupError} STORE_NEWER: what we don't know of would be missing */
async function headerOf(id: string, snapshot: Snapshot): Promise<Header> {
  const facts = await snapshot.facts();
  const known = await migrationNames();
  const unknown = facts.migrations.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new BackupError('STORE_NEWER', unknown.join(', '));
  }
  return { format: FORMAT, version: VERSION, id, certkeep: version, ...facts };
}

/** Under what it is sealed, and which keys are in it. */
function planOf({ keks, auditKeys }: BackupsOptions, { passphrase }: BackupRequest, header: Header) {
  const missing = missingKek(header.keks, keks);
  const sealing = header.keks.find(({ state }) => state === 'sealing');
  if (missing !== undefined || sealing === undefined) {
    throw new BackupError('WRONG_KEY', missing);
  }
  const [first, ...others] = sealingFirst(header.keks, keks);
  const seal: Seal = passphrase ?? { kek: { id: sealing.id, kek: first } };
  return {
    seal,
    held: {
      keks: passphrase === undefined ? [] : [first, ...others].map((kek) => Buffer.from(kek)),
      auditKeys: auditKeys.all.map(({ key }) => Buffer.from(key)),
    },
  };
}
