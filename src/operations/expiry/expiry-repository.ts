import { type EventRow, insertEvents } from '../../audit/index.ts';
import { type Database, type Prisma, withStoreErrors } from '../../database/index.ts';
import type { KeypairId, Realm } from '../../keypairs/index.ts';
import type { NewMessage } from '../webhooks/message.ts';
import { insertMessages } from '../webhooks/webhook-repository.ts';
import type { Notice, WatchedCertificate } from './notice.ts';
import type { Crossings, Threshold } from './threshold.ts';

/** What is written of a notice: its event, and what is sent of it where somebody wants to hear. */
export interface Told {
  readonly event: EventRow;
  readonly message?: NewMessage | undefined;
}

/** What one turn of the watch is made of. */
export interface Turn {
  /** How many certificates are looked at, at the most. */
  readonly limit: number;
  /** Undefined for the database's clock. */
  readonly at: Date | undefined;
  judge(certificate: WatchedCertificate, at: number): Crossings;
  tell(notice: Notice): Told;
}

export interface TurnResult {
  /** How many certificates were looked at. */
  readonly looked: number;
  /** Each for the first time. */
  readonly told: readonly Notice[];
  /** How many were told before: by a clock that was ahead, or of a certificate that came back. */
  readonly toldBefore: number;
}

/** Milliseconds since 1970, rounded down; of a year that JavaScript's drivers disagree on too. */
const ms = (time: string) => `floor(extract(epoch FROM ${time}) * 1000)::float8`;

const NOW = `SELECT ${ms('coalesce($1::timestamptz, clock_timestamp())')} AS at`;

const timeOf = (parameter: string) => `'epoch'::timestamptz + ${parameter}::float8 * interval '1 millisecond'`;

/** Of two processes, each takes what the other one does not hold. */
const CLAIM = `
  SELECT keypair_id AS id, fingerprint_sha256 AS fingerprint, ${ms('since')} AS since
  FROM expiry_watches WHERE next_at <= ${timeOf('$1')} ORDER BY next_at LIMIT $2::int FOR UPDATE SKIP LOCKED`;

/** Of a text that a certificate may have as long as its issuer likes: a hundred of them stand in one transaction. */
const MAX_TEXT = 1024;

const bounded = (column: string) =>
  `CASE WHEN char_length(${column}) > ${MAX_TEXT} THEN left(${column}, ${MAX_TEXT - 1}) || '…' ELSE ${column} END`;

/** Without a lock: who changes a keypair holds its row and waits for its watch. */
const READ = `
  SELECT id, name, realm::text, scope, ${bounded('subject')} AS subject, ${bounded('issuer')} AS issuer,
    ${bounded('serial_number')} AS "serialNumber", fingerprint_sha256 AS fingerprint, ${ms('not_before')} AS "notBefore", ${ms('not_after')} AS "notAfter"
  FROM keypairs WHERE id = ANY($1::uuid[])`;

/** Decides who tells: nobody twice, whatever the clocks say. */
const NOTE = `
  INSERT INTO expiry_notices (keypair_id, fingerprint_sha256, threshold, told_at)
  SELECT id, fingerprint, threshold, ${timeOf('$4')}
  FROM unnest($1::uuid[], $2::text[], $3::text[]) AS notice (id, fingerprint, threshold)
  ON CONFLICT DO NOTHING RETURNING keypair_id AS id, threshold`;

const SCHEDULE = `
  UPDATE expiry_watches w SET next_at = ${timeOf('due.next')}
  FROM unnest($1::uuid[], $2::float8[]) AS due (id, next) WHERE w.keypair_id = due.id`;

interface ClaimedRow {
  readonly id: KeypairId;
  readonly fingerprint: string;
  readonly since: number;
}

interface KeypairRow {
  readonly id: KeypairId;
  readonly name: string;
  readonly realm: Realm;
  readonly scope: string;
  readonly subject: string;
  readonly issuer: string;
  readonly serialNumber: string;
  readonly fingerprint: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

export type ExpiryRepository = ReturnType<typeof expiryRepository>;

/** The only code that touches the watches of expiry and the notices. It locks no keypair. */
export function expiryRepository({ prisma }: Pick<Database, 'prisma'>) {
  return withStoreErrors({
    /** Looks at certificates that are due, and writes what is to be told of them: all of it, or nothing. */
    takeTurn({ limit, at: given, judge, tell }: Turn): Promise<TurnResult> {
      return prisma.$transaction(async (tx) => {
        const [{ at } = { at: Number.NaN }] = await tx.$queryRawUnsafe<{ at: number }[]>(
          NOW,
          given?.toISOString() ?? null,
        );
        const claimed = await tx.$queryRawUnsafe<ClaimedRow[]>(CLAIM, at, limit);
        if (claimed.length === 0) {
          return { looked: 0, told: [], toldBefore: 0 };
        }
        const certificates = await readCertificates(tx, claimed);
        const judged = certificates.map((certificate) => ({ certificate, ...judge(certificate, at) }));
        const crossed = judged.flatMap(({ certificate, crossed }) =>
          crossed.map((threshold) => ({ certificate, threshold, at })),
        );
        const told = await note(tx, crossed, at);
        await write(tx, told.map(tell));
        const nexts = judged.map(({ next }) => next ?? null);
        const ids = judged.map(({ certificate }) => certificate.keypair.id);
        await tx.$executeRawUnsafe(SCHEDULE, ids, nexts);
        return { looked: judged.length, told, toldBefore: crossed.length - told.length };
      });
    },
  });
}

async function write(tx: Prisma.TransactionClient, told: readonly Told[]): Promise<void> {
  if (told.length > 0) {
    const events = told.map(({ event }) => event);
    await insertEvents(tx, events);
    const messages = told.flatMap(({ message }) => message ?? []);
    await insertMessages(tx, messages);
  }
}

/** Of a watch and a keypair that are not about the same certificate, one was read too early: the next turn looks again. */
async function readCertificates(
  tx: Prisma.TransactionClient,
  claimed: readonly ClaimedRow[],
): Promise<readonly WatchedCertificate[]> {
  const ids = claimed.map(({ id }) => id);
  const rows = await tx.$queryRawUnsafe<KeypairRow[]>(READ, ids);
  const watches = new Map(claimed.map((row) => [row.id, row]));
  return rows.flatMap(({ id, name, realm, scope, fingerprint, notBefore, notAfter, ...facts }) => {
    const watch = watches.get(id);
    return watch?.fingerprint !== fingerprint
      ? []
      : [
          {
            keypair: { id, name, placement: { realm, scope } },
            fingerprintSha256: fingerprint,
            ...facts,
            validity: { notBefore, notAfter },
            since: watch.since,
          },
        ];
  });
}

/** @returns those that nobody told before, in their order */
async function note(tx: Prisma.TransactionClient, crossed: readonly Notice[], at: number): Promise<readonly Notice[]> {
  if (crossed.length === 0) {
    return [];
  }
  const rows = await tx.$queryRawUnsafe<{ id: KeypairId; threshold: Threshold }[]>(
    NOTE,
    crossed.map(({ certificate }) => certificate.keypair.id),
    crossed.map(({ certificate }) => certificate.fingerprintSha256),
    crossed.map(({ threshold }) => threshold),
    at,
  );
  const isNew = new Set(rows.map(({ id, threshold }) => `${id} ${threshold}`));
  return crossed.filter(({ certificate, threshold }) => isNew.has(`${certificate.keypair.id} ${threshold}`));
}
