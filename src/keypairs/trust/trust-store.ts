import type { Actor } from '../../audit/index.ts';
import type { KeypairId } from '../keypair.ts';
import type { NewTrustEntry, TrustEntry, TrustEntryChange } from './trust-entry.ts';
import type { TrustPage, TrustQuery } from './trust-query.ts';

/** What can be done with the trust stores of accounts. Whether the caller may is the dialect's question to `access/`. */
export interface TrustStore {
  /** @throws {AccountGone} */
  add(actor: Actor, account: string, entry: NewTrustEntry): Promise<TrustEntry>;
  /** @throws {KeypairNotFound} */
  get(account: string, id: KeypairId): Promise<TrustEntry>;
  /**
   * Changes an entry under its lock, whole or not at all.
   *
   * @param decide sees the entry as it is now, which nobody else changes meanwhile; what it throws is thrown, and nothing is changed
   * @throws {KeypairNotFound}
   * @throws {CertificateExpired} where what is desired of a certificate would change that has expired, or is replaced by one that has
   * @throws {CertificateBroken} where a certificate would be trusted that is not the one that was stored
   */
  change(
    actor: Actor,
    account: string,
    id: KeypairId,
    decide: (current: TrustEntry) => TrustEntryChange,
  ): Promise<void>;
  /**
   * @param decide as for {@link TrustStore.change}
   * @throws {KeypairNotFound}
   */
  remove(actor: Actor, account: string, id: KeypairId, decide: (current: TrustEntry) => void): Promise<void>;
  /** One page. */
  list(account: string, query: TrustQuery): Promise<TrustPage>;
  /**
   * What is trusted now: one PEM text of all certificates, each once, the one that came first in front. '' of none.
   *
   * @param ids none but these; all without them
   */
  bundle(account: string, ids?: readonly string[]): Promise<string>;
}
