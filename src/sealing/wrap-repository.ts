import { type Database, withStoreErrors } from '../database/index.ts';
import type { SecretPurpose } from './envelope.ts';
import type { SealedUnderKek } from './key-ring.ts';

/** Which secret: of which pair, for which purpose. */
export interface SecretName {
  readonly rowId: string;
  readonly purpose: SecretPurpose;
}

/** A sealed secret as it is stored, with the revision that its pair's row says it was sealed at; null where that says there is none. */
export interface WrappedSecret extends SecretName, SealedUnderKek {
  readonly revision: number | null;
}

/** A secret with the wrap that shall take the place of the one it was read with. */
export interface Replacement {
  readonly secret: WrappedSecret;
  readonly wrap: Pick<SealedUnderKek, 'wrapNonce' | 'wrappedKey'>;
}

/** One statement: read apart, a secret and its row's word could be of two moments. */
const READ = `
  SELECT s.keypair_id AS "rowId", s.purpose, s.format_version AS "formatVersion", s.kek_id AS "kekId",
    s.wrap_nonce AS "wrapNonce", s.wrapped_key AS "wrappedKey", s.nonce, s.ciphertext, s.tag,
    CASE s.purpose WHEN 'private_key' THEN k.private_key_seal_revision ELSE k.certificate_data_seal_revision END AS revision
  FROM sealed_secrets s JOIN keypairs k ON k.id = s.keypair_id
  WHERE s.kek_id <> $1::uuid AND (s.keypair_id, s.purpose) > ($2::uuid, $3::secret_purpose)
  ORDER BY s.keypair_id, s.purpose LIMIT $4::int`;

/**
 * Only where the wrap is still the one that was read, which no two sealings share: then nothing else of the record has changed either.
 * A row that somebody is changing is left for later, so that nobody waits for us, nor we for them.
 */
const REPLACE = `
  WITH wanted AS (
    SELECT * FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::bytea[], $6::bytea[], $7::bytea[], $8::bytea[])
      AS w (keypair_id, purpose, old_kek_id, old_wrap_nonce, old_wrapped_key, wrap_nonce, wrapped_key)
  ), unchanged AS (
    SELECT s.keypair_id, s.purpose, w.wrap_nonce, w.wrapped_key
    FROM sealed_secrets s JOIN wanted w ON s.keypair_id = w.keypair_id AND s.purpose = w.purpose::secret_purpose
      AND s.kek_id = w.old_kek_id AND s.wrap_nonce = w.old_wrap_nonce AND s.wrapped_key = w.old_wrapped_key
    ORDER BY s.keypair_id, s.purpose FOR NO KEY UPDATE OF s SKIP LOCKED
  )
  UPDATE sealed_secrets s SET kek_id = $1::uuid, wrap_nonce = u.wrap_nonce, wrapped_key = u.wrapped_key
  FROM unchanged u WHERE s.keypair_id = u.keypair_id AND s.purpose = u.purpose RETURNING 1`;

const MISSING = `
  SELECT k.id AS "rowId", p.purpose, p.revision
  FROM keypairs k CROSS JOIN LATERAL (VALUES
    ('private_key'::secret_purpose, k.private_key_seal_revision),
    ('certificate_data'::secret_purpose, k.certificate_data_seal_revision)) AS p (purpose, revision)
  WHERE p.revision IS NOT NULL
    AND NOT EXISTS (SELECT FROM sealed_secrets s WHERE s.keypair_id = k.id AND s.purpose = p.purpose)
  ORDER BY 1, 2 LIMIT $1::int`;

/** Before every secret. */
const BEGINNING: SecretName = { rowId: '00000000-0000-0000-0000-000000000000', purpose: 'certificate_data' };

export type WrapRepository = ReturnType<typeof wrapRepository>;

/** What a rotation reads and writes of sealed secrets: all else of them is for `keypairs/`. */
export function wrapRepository({ query }: Database) {
  return withStoreErrors({
    /** The next secrets that are not under a KEK, in the order of their names. */
    under(otherThan: string, after: SecretName = BEGINNING, limit = 200): Promise<WrappedSecret[]> {
      return query<WrappedSecret>(READ, [otherThan, after.rowId, after.purpose, limit]);
    },

    /** @returns how many were replaced; the others were changed meanwhile, or are being changed */
    async replace(kekId: string, replacements: readonly Replacement[]): Promise<number> {
      const each = <T>(of: (replacement: Replacement) => T) => replacements.map(of);
      const rows = await query(REPLACE, [
        kekId,
        each(({ secret }) => secret.rowId),
        each(({ secret }) => secret.purpose),
        each(({ secret }) => secret.kekId),
        each(({ secret }) => Buffer.from(secret.wrapNonce)),
        each(({ secret }) => Buffer.from(secret.wrappedKey)),
        each(({ wrap }) => Buffer.from(wrap.wrapNonce)),
        each(({ wrap }) => Buffer.from(wrap.wrappedKey)),
      ]);
      return rows.length;
    },

    /** How many secrets are not under a KEK. */
    async countUnder(otherThan: string): Promise<number> {
      const rows = await query<{ secrets: number }>(
        'SELECT count(*)::int AS secrets FROM sealed_secrets WHERE kek_id <> $1::uuid',
        [otherThan],
      );
      return rows[0]?.secrets ?? 0;
    },

    /** Secrets of which the pairs' rows tell, and that are not there. */
    missing(limit: number): Promise<(SecretName & { readonly revision: number })[]> {
      return query<SecretName & { revision: number }>(MISSING, [limit]);
    },
  });
}
