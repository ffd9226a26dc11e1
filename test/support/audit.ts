import { randomBytes, randomUUID } from 'node:crypto';
import {
  type AuditKeys,
  type AuditSealer,
  type AuditSealerOptions,
  type AuditTrail,
  auditKeyOf,
  auditSealer,
  auditTrail,
  batchRepository,
  dropBatches,
  type EventRow,
  eventRepository,
  type Finding,
  type Head,
  type NewEvent,
  OPERATOR,
  retentionRepository,
  SEALER_LEASE,
  type Verification,
  verifyTrail,
} from '../../src/audit/index.ts';
import { type Database, openDatabase, openLease } from '../../src/database/index.ts';
import { createDatabase, type TestDatabase } from './database.ts';

/** Something that happened, to no pair in particular. */
export function aNewEvent(name: string = randomUUID()): NewEvent {
  const pk = randomUUID().replaceAll('-', '');
  return {
    action: 'model_updated',
    app: 'authentik.events.middleware',
    actor: { ...OPERATOR, address: '192.0.2.7', requestId: randomUUID().replaceAll('-', '') },
    model: { app: 'authentik_crypto', modelName: 'certificatekeypair', pk, name },
    context: { model: { pk, name } },
  };
}

/** A key of nobody else's. */
export function someKeys(): AuditKeys {
  const current = auditKeyOf(randomBytes(32));
  return { current, all: [current] };
}

/** An event that is written by itself by nobody, for who writes it beside something. */
export function anEvent(): EventRow {
  return auditTrail({ insert: async () => {} }, someKeys().current).prepare(aNewEvent());
}

export interface LoggedLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A log that is kept. */
export function keptLog() {
  const lines: LoggedLine[] = [];
  const at = (level: LoggedLine['level']) => (fields: object, message: string) => {
    lines.push({ level, message, fields: fields as Record<string, unknown> });
  };
  return { lines, log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } };
}

export interface TestTrail {
  readonly test: TestDatabase;
  readonly database: Database;
  readonly keys: AuditKeys;
  readonly trail: AuditTrail;
  readonly lines: readonly LoggedLine[];
  /** Writes events and seals them, a batch each time. */
  sealed(events: number): Promise<void>;
  /** One turn of a sealer. */
  seal(options?: { retentionDays?: number; linesTo?: string }): Promise<void>;
  /** Drops the first batches, as a retention does, whatever their age. */
  dropped(batches: number): Promise<void>;
  verify(heads?: readonly Head[]): Promise<Verification & { findings: Finding[] }>;
  close(): Promise<void>;
}

/** An audit trail of the caller's own, on a database of its own. */
export async function openTrail(keys = someKeys(), existing?: TestDatabase): Promise<TestTrail> {
  const test = existing ?? (await createDatabase());
  const database = openTestDatabase(test.url);
  const trail = auditTrail(eventRepository(database), keys.current);
  const { lines, log } = keptLog();
  const sealer = sealerOn(database, { keys, log });
  const seal: TestTrail['seal'] = async (options) => {
    if (options === undefined) {
      return sealer.turn();
    }
    const other = sealerOn(database, { keys, log, ...options });
    // Another one waits for the lease like another process.
    await test.query("UPDATE leases SET expires_at = 'epoch'");
    await other.turn();
    await test.query("UPDATE leases SET expires_at = 'epoch'");
  };
  return {
    test,
    database,
    keys,
    trail,
    lines,
    seal,
    async sealed(events) {
      for (let written = 0; written < events; written++) {
        await trail.record(aNewEvent());
      }
      await seal();
    },
    async dropped(batches) {
      await dropBatches({ repository: retentionRepository(database), keys, log }, new Date('9999-01-01'), batches);
    },
    verify: (heads = []) => verified(database, keys, heads),
    async close() {
      await database.close();
      await (existing === undefined ? test.drop() : undefined);
    },
  };
}

/** A sealer as of a process of its own. */
export function sealerOn(
  database: Database,
  options: Pick<AuditSealerOptions, 'keys' | 'log'> & Partial<AuditSealerOptions>,
): AuditSealer {
  return auditSealer({
    batches: batchRepository(database),
    retention: retentionRepository(database),
    lease: openLease(database, { ...SEALER_LEASE, holder: randomUUID() }),
    retentionDays: 0,
    ...options,
  });
}

export function openTestDatabase(url: string): Database {
  return openDatabase({ url, poolSize: 4, timeoutMs: 30_000, preparedStatements: true, log: { warn() {} } });
}

/** What a verification found, all of it. */
export async function verified(database: Database, keys: AuditKeys, heads: readonly Head[] = []) {
  const findings: Finding[] = [];
  const verification = await verifyTrail({ database, keys, heads, found: (finding) => findings.push(finding) });
  return { ...verification, findings };
}
