import type { Database } from '../database/index.ts';
import type { Keypair, KeypairId, Placement } from './keypair.ts';

/** A keypair that belongs to the server itself, or to what it discovered. */
export interface ManagedKeypair extends Pick<Keypair, 'id' | 'name'> {
  /** Text of PEM; null where it is more than certificates. */
  readonly certificate: string | null;
  /** How long ago it was stored, by the database's clock. */
  readonly ageMs: number;
}

/** By which it is known whether an owner's keypair is as it was left. */
export interface OwnedKeypair {
  readonly id: KeypairId;
  readonly managed: string;
  /** Another one after each change. */
  readonly revision: number;
  /** Of the private key's public half; null without a key, and for one that the runtime can't hold. */
  readonly privateKeyDigest: string | null;
}

const HERE = 'FROM keypairs WHERE realm = $1::realm AND scope = $2';
const OLDEST_FIRST = 'ORDER BY created_at, id';
const OWNED = `SELECT id, managed, revision, private_key_digest AS "privateKeyDigest" ${HERE}`;
/** In the order of bytes, in which the column is compared, all that begins so stands between the two. */
const BEGINS = 'managed >= $3 AND managed < $4';

const LIST_MANAGED = `
  SELECT id, name, certificate_data AS certificate,
    (extract(epoch FROM clock_timestamp() - created_at) * 1000)::float8 AS "ageMs"
  ${HERE} AND managed = $3 ${OLDEST_FIRST}`;
const LIST_OWNED = `${OWNED} AND ${BEGINS}`;
const FIND_OWNED = `${OWNED} AND managed = $3 ${OLDEST_FIRST} LIMIT 1`;
const LIST_WITH_KEY = `${OWNED} AND ${BEGINS} AND private_key_digest = $5 ${OLDEST_FIRST}`;

/** How keypairs are found by what owns them. */
export function managedReads(database: Pick<Database, 'query'>) {
  return {
    /** Those of one owner, the oldest first. */
    listManaged({ realm, scope }: Placement, managed: string): Promise<ManagedKeypair[]> {
      return database.query<ManagedKeypair>(LIST_MANAGED, [realm, scope, managed]);
    },

    /** Those whose owner's name begins so. */
    listOwned({ realm, scope }: Placement, prefix: string): Promise<OwnedKeypair[]> {
      return database.query<OwnedKeypair>(LIST_OWNED, [realm, scope, ...rangeOf(prefix)]);
    },

    /** The oldest of one owner. */
    async findOwned({ realm, scope }: Placement, managed: string): Promise<OwnedKeypair | undefined> {
      const [row] = await database.query<OwnedKeypair>(FIND_OWNED, [realm, scope, managed]);
      return row;
    },

    /** Those whose owner's name begins so and that hold a key, the oldest first. */
    listWithKey({ realm, scope }: Placement, prefix: string, privateKeyDigest: string): Promise<OwnedKeypair[]> {
      return database.query<OwnedKeypair>(LIST_WITH_KEY, [realm, scope, ...rangeOf(prefix), privateKeyDigest]);
    },
  };
}

function rangeOf(prefix: string): [from: string, to: string] {
  return [prefix, `${prefix}\u{10ffff}`];
}
