import type { KeyType } from '../x509/index.ts';

declare const keypairId: unique symbol;

/** The UUID of a keypair: lower case, dashed. */
export type KeypairId = string & { readonly [keypairId]: true };

/** The API family that a keypair was stored through, and is visible to. */
export type Realm = 'authentik' | 'strata' | 'astra';

/** Where a keypair lives: its realm, and the tenant inside it (`''` where the realm has none). */
export interface Placement {
  readonly realm: Realm;
  readonly scope: string;
}

/** What a read shows of a certificate and its key. Computed when it was written; no secret is in it. */
export interface Keypair {
  readonly id: KeypairId;
  readonly name: string;
  /** Set by what owns the row (discovery), never by a client. */
  readonly managed: string | null;
  readonly fingerprintSha256: string;
  readonly fingerprintSha1: string;
  readonly notAfter: Date;
  readonly subject: string;
  /** Type of the certificate's public key; null for one without a name here. */
  readonly keyType: KeyType | null;
  readonly hasPrivateKey: boolean;
  /** Type of the stored private key, which need not be the certificate's; null without one, and for one without a name here. */
  readonly privateKeyType: KeyType | null;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Takes a lower-case dashed UUID for a keypair's id, or `undefined` for any other text. */
export function keypairIdOf(text: string): KeypairId | undefined {
  return UUID.test(text) ? (text as KeypairId) : undefined;
}
