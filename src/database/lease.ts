import type { Database } from './client.ts';
import { withStoreErrors } from './errors.ts';

/**
 * Work that one process at a time does. A row with an end, by the database's clock, and no lock of a session: it holds behind a pooler
 * too, and ends by itself where its holder is gone (docs/decisions/0005-replicas-without-a-coordinator.md).
 */
export interface Lease {
  /** Takes the lease where nobody else holds it, or renews it. */
  take(): Promise<boolean>;
  /** Gives it back, where it is held. */
  release(): Promise<void>;
}

export interface LeaseOptions {
  readonly name: string;
  /** A UUID, of this process alone. */
  readonly holder: string;
  /** How long it is held unless it is renewed. Work that takes longer must bear that another process does it too. */
  readonly durationMs: number;
}

/** An end that lies an hour further ahead than we would set it, was set by a clock that has been put back since. */
const TAKE = `
  UPDATE leases SET holder = $2::uuid, expires_at = clock_timestamp() + $3::int * interval '1 millisecond'
  WHERE name = $1 AND (holder = $2::uuid OR expires_at <= clock_timestamp()
    OR expires_at > clock_timestamp() + $3::int * interval '1 millisecond' + interval '1 hour') RETURNING name`;

const ADD = `
  INSERT INTO leases (name, holder, expires_at) VALUES ($1, $2::uuid, clock_timestamp() + $3::int * interval '1 millisecond')
  ON CONFLICT (name) DO NOTHING RETURNING name`;

const RELEASE = 'UPDATE leases SET expires_at = clock_timestamp() WHERE name = $1 AND holder = $2::uuid';

/** @throws {StoreUnavailable} from each function, where the database is away */
export function openLease(database: Pick<Database, 'query'>, { name, holder, durationMs }: LeaseOptions): Lease {
  const values = [name, holder, durationMs];
  return withStoreErrors({
    async take() {
      const taken = await database.query(TAKE, values);
      return taken.length > 0 || (await database.query(ADD, values)).length > 0;
    },
    async release() {
      await database.query(RELEASE, [name, holder]);
    },
  });
}
