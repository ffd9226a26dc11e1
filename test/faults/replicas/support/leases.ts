import { setTimeout } from 'node:timers/promises';
import type { TestDatabase } from '../../../support/database.ts';
import { present } from '../../../support/present.ts';

/**
 * Takes a lease away from whoever holds it, again and again: each replica that tries takes itself for the only one.
 *
 * @returns ends it, and tells how often somebody lost it
 */
export function loseLease(database: TestDatabase, name: string): () => Promise<number> {
  let goesOn = true;
  let lost = 0;
  const losing = (async () => {
    while (goesOn) {
      const rows = await database.query(
        "UPDATE leases SET expires_at = 'epoch' WHERE name = $1 AND expires_at > clock_timestamp() RETURNING 1",
        [name],
      );
      lost += rows.length;
      await setTimeout(5);
    }
  })();
  return async () => {
    goesOn = false;
    await losing;
    return lost;
  };
}

/** Lets a server do several times a second what it otherwise does every ten seconds or every minute, and take its time to end. */
export const HASTENED = { NODE_OPTIONS: `--import ${new URL('hasten.js', import.meta.url).href}` };

/** Writes down in the database itself, by triggers, what happens to the leases and by whom: nothing is missed between two looks. */
export const WATCH_LEASES = `
  CREATE TABLE lease_changes (
    nth bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp(), name text NOT NULL,
    replica text NOT NULL DEFAULT current_setting('application_name'),
    old_holder uuid, old_end timestamptz, holder uuid NOT NULL, ends timestamptz NOT NULL);
  CREATE TABLE lease_attempts (replica text NOT NULL DEFAULT current_setting('application_name'), rows int NOT NULL);
  CREATE FUNCTION note_lease() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'INSERT' THEN
      INSERT INTO lease_changes (name, holder, ends) VALUES (NEW.name, NEW.holder, NEW.expires_at);
    ELSE
      INSERT INTO lease_changes (name, old_holder, old_end, holder, ends)
      VALUES (NEW.name, OLD.holder, OLD.expires_at, NEW.holder, NEW.expires_at);
    END IF;
    RETURN NULL;
  END $$;
  CREATE TRIGGER note_lease AFTER INSERT OR UPDATE ON leases FOR EACH ROW EXECUTE FUNCTION note_lease();
  CREATE FUNCTION note_attempt() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO lease_attempts (rows) SELECT count(*) FROM changed;
    RETURN NULL;
  END $$;
  CREATE TRIGGER note_attempt AFTER UPDATE ON leases REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION note_attempt();
  CREATE TABLE seals (replica text NOT NULL, entitled text);
  CREATE FUNCTION note_seal() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO seals (replica, entitled)
    SELECT current_setting('application_name'), (SELECT c.replica FROM lease_changes c JOIN leases l ON l.holder = c.holder
      WHERE l.name = 'audit-sealer' AND c.replica LIKE 'replica-%' ORDER BY c.nth DESC LIMIT 1);
    RETURN NULL;
  END $$;
  CREATE TRIGGER note_seal AFTER INSERT ON event_batches FOR EACH ROW EXECUTE FUNCTION note_seal()`;

/** Who holds which lease now: replicas by their names. */
export async function holders(database: TestDatabase): Promise<Map<string, string>> {
  const rows = await database.query<{ name: string; replica: string }>(`
    SELECT DISTINCT ON (c.name) c.name, c.replica FROM lease_changes c JOIN leases l ON l.name = c.name AND l.holder = c.holder
    WHERE l.expires_at > clock_timestamp() AND c.replica LIKE 'replica-%' ORDER BY c.name, c.nth DESC`);
  return new Map(rows.map(({ name, replica }) => [name, replica]));
}

/** The leases that a replica did not give back when it ended: what it wrote of them at last ends later than that. */
export async function keptBy(database: TestDatabase, replica: string, among: readonly string[]): Promise<string[]> {
  const rows = await database.query<{ name: string }>(
    `SELECT name FROM (SELECT DISTINCT ON (name) * FROM lease_changes WHERE replica = $1 AND name = ANY ($2) ORDER BY name, nth DESC) last
     WHERE ends > at`,
    [replica, among],
  );
  return rows.map(({ name }) => name);
}

export interface LeaseHistory {
  /** Handed over by whoever was to have it still. */
  readonly stolen: number;
  readonly handedOver: number;
  /** How often a replica asked for a lease and did not get it. */
  readonly refused: number;
  /** Batches of events, and of them those that were sealed by another replica than the lease's holder. */
  readonly batches: number;
  readonly strangers: number;
}

/** What {@link WATCH_LEASES} saw. */
export async function leaseHistory(database: TestDatabase): Promise<LeaseHistory> {
  const [history] = await database.query<LeaseHistory>(`
    SELECT count(*) FILTER (WHERE old_holder <> holder AND old_end > at)::int AS stolen,
      count(*) FILTER (WHERE old_holder <> holder)::int AS "handedOver",
      (SELECT count(*)::int FROM lease_attempts WHERE rows = 0 AND replica LIKE 'replica-%') AS refused,
      (SELECT count(*)::int FROM seals) AS batches,
      (SELECT count(*)::int FROM seals WHERE replica IS DISTINCT FROM entitled) AS strangers
    FROM lease_changes WHERE replica LIKE 'replica-%'`);
  return present(history);
}
