import { type Database, withStoreErrors } from '../../database/index.ts';

/** A certificate as its metric shows it. */
export interface ShownCertificate {
  readonly id: string;
  readonly realm: string;
  readonly scope: string;
  readonly name: string;
  /** Seconds since 1970. */
  readonly notAfter: number;
}

/** How many certificates a realm holds. */
export interface RealmCounts {
  readonly realm: string;
  readonly stored: number;
  readonly expired: number;
  /** That are shown one by one where there is room. */
  readonly eligible: number;
}

export interface StoreBacklog {
  readonly unsealedEvents: number;
}

export interface WebhookCounts {
  readonly pending: number;
  /** Given up. */
  readonly failed: number;
}

/** One that expired earlier is shown no more: whoever wanted to know of it does. */
const SHOWN_AFTER_EXPIRY = "interval '30 days'";

/** Of a label: the series of each certificate carries it, in every sample's index. */
const MAX_LABEL = 128;

/** What is behind by more is only known to be behind by so much: to count it would take longer the worse it is. */
const MAX_COUNTED = 100_000;

const bounded = (column: string) =>
  `CASE WHEN char_length(${column}) > ${MAX_LABEL} THEN left(${column}, ${MAX_LABEL - 1}) || '…' ELSE ${column} END`;

const SHOWN = `id, realm::text AS realm, ${bounded('scope')} AS scope, ${bounded('name')} AS name,
  extract(epoch FROM not_after)::float8 AS "notAfter"`;

/**
 * Of those that expired, the latest, on a quarter of the places at most: they must not hide what expires next. The limits stand in the
 * text, since a plan for any limit reads the whole table. Not `clock_timestamp()`, which no index can answer.
 */
function soonestStatement(limit: number): string {
  return `SELECT * FROM (
      (SELECT ${SHOWN} FROM keypairs
        WHERE not_after < statement_timestamp() AND not_after >= statement_timestamp() - ${SHOWN_AFTER_EXPIRY}
        ORDER BY not_after DESC LIMIT ${Math.floor(limit / 4)})
      UNION ALL
      (SELECT ${SHOWN} FROM keypairs WHERE not_after >= statement_timestamp() ORDER BY not_after LIMIT ${limit})
    ) shown ORDER BY "notAfter" LIMIT ${limit}`;
}

const PER_REALM = `
  SELECT r.realm::text AS realm, coalesce(c.stored, 0)::int AS stored, coalesce(c.expired, 0)::int AS expired,
    coalesce(c.eligible, 0)::int AS eligible
  FROM unnest(enum_range(NULL::realm)) AS r (realm)
  LEFT JOIN (
    SELECT realm, count(*) AS stored, count(*) FILTER (WHERE not_after < statement_timestamp()) AS expired,
      count(*) FILTER (WHERE not_after >= statement_timestamp() - ${SHOWN_AFTER_EXPIRY}) AS eligible
    FROM keypairs GROUP BY realm
  ) c ON c.realm = r.realm`;

const UNSEALED = `
  SELECT count(*)::int AS events FROM (SELECT FROM unsealed_events LIMIT ${MAX_COUNTED}) u`;

const WEBHOOKS = `
  SELECT (SELECT count(*)::int FROM (SELECT FROM webhook_messages WHERE state = 'pending' LIMIT ${MAX_COUNTED}) p) AS pending,
    (SELECT count(*)::int FROM (SELECT FROM webhook_messages WHERE state = 'failed' LIMIT ${MAX_COUNTED}) f) AS failed`;

export type MetricsRepository = ReturnType<typeof metricsRepository>;

/** What the metrics show of the database: all realms together, by the database's clock. */
export function metricsRepository(database: Pick<Database, 'query'>) {
  return withStoreErrors({
    /**
     * Certificates in the order of their expiry: those that expire next, and the latest of the last 30 days' expired ones.
     *
     * @param limit how many, a whole number
     */
    soonestToExpire(limit: number): Promise<ShownCertificate[]> {
      return database.query<ShownCertificate>(soonestStatement(limit), []);
    },

    perRealm(): Promise<RealmCounts[]> {
      return database.query<RealmCounts>(PER_REALM, []);
    },

    async backlog(): Promise<StoreBacklog> {
      const [row] = await database.query<{ events: number }>(UNSEALED, []);
      return { unsealedEvents: row?.events ?? 0 };
    },

    async webhooks(): Promise<WebhookCounts> {
      const [row] = await database.query<WebhookCounts>(WEBHOOKS, []);
      return row ?? { pending: 0, failed: 0 };
    },
  });
}
