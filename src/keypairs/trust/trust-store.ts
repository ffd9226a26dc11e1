import { randomUUID } from 'node:crypto';
import type { Actor, AuditTrail, NewEvent } from '../../audit/index.ts';
import type { KeyRing } from '../../sealing/index.ts';
import { chainOfOne } from '../../x509/index.ts';
import { type Named, writeEvent } from '../audit-events.ts';
import { KeypairNotFound } from '../errors.ts';
import { escapeNul } from '../escaped-text.ts';
import type { KeypairId, Placement } from '../keypair.ts';
import { FIRST_REVISION } from '../repository-writes.ts';
import { storables } from '../storables.ts';
import type { Turns } from '../turns.ts';
import type { TurnsPerKey } from '../turns-per-key.ts';
import { staying } from '../waiting.ts';
import { columnsOf, digestOf, laterThan, stateAfter } from './trust-change.ts';
import type { CaCertificate, NewTrustEntry, TrustEntry, TrustEntryChange, TrustState } from './trust-entry.ts';
import { addedEvent, removedEvent, transitionEvent, unpromptedEvent } from './trust-events.ts';
import type { TrustPage, TrustQuery } from './trust-query.ts';
import type { StoredEntry, TrustRepository, UntoldEntry } from './trust-repository.ts';
import { isUntold, stateAt } from './trust-state.ts';

export interface TrustStoreOptions {
  readonly repository: TrustRepository;
  readonly keyRing: KeyRing;
  readonly trail: AuditTrail;
  readonly searches: Turns;
  /** Of each account. */
  readonly turns: TurnsPerKey;
  /** By which states are judged. */
  now(): Date;
  readonly log: { warn(fields: object, message: string): void };
}

/** What can be done with the trust stores of accounts. Whether the caller may is the dialect's question to `access/`. */
export interface TrustStore {
  /**
   * @throws {AccountGone}
   * @throws {CertificateRefused} NO_ROOM, where the account keeps as much as it may
   */
  add(actor: Actor, account: string, entry: NewTrustEntry): Promise<TrustEntry>;
  /** @throws {KeypairNotFound} */
  get(account: string, id: KeypairId): Promise<TrustEntry>;
  /**
   * Changes an entry under its lock, whole or not at all.
   *
   * @param decide sees the entry as it is now, which nobody else changes meanwhile; what it throws is thrown, and nothing is changed
   * @throws {KeypairNotFound}
   * @throws {CertificateRefused} NO_ROOM, where the account keeps as much as it may
   * @throws {CertificateExpired} where what is desired of a certificate would change that has expired, or is replaced by one that has
   * @throws {CertificateBroken} where somebody wants to trust a certificate that is not the one that was stored
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
  /**
   * One page. It waits for its turn among those of its account; where it must look at every entry of the account, instead among the
   * searches of its account, and then among all.
   *
   * @param departure gives what is aborted when the caller leaves; without it the caller stays
   * @throws {Abandoned} where the caller left before its turn
   */
  list(account: string, query: TrustQuery, departure?: () => AbortSignal): Promise<TrustPage>;
  /**
   * What is trusted now: one PEM text of all certificates, each once, the one that came first in front. Nothing of none. It waits for its
   * turn among the lists of its account that are no searches.
   *
   * @param ids none but these; all without them
   * @param departure as for {@link TrustStore.list}
   * @returns ASCII
   * @throws {Abandoned} where the caller left before its turn
   */
  bundle(account: string, ids?: readonly string[], departure?: () => AbortSignal): Promise<Buffer>;
  /**
   * Writes the events of what happened to entries by itself: certificates expired, or are no longer those that were stored. Reads tell of
   * what they come upon; this finds the rest.
   *
   * @returns how many it found, {@link TOLD_AT_ONCE} at the most
   */
  tellUntold(): Promise<number>;
}

/** In one transaction. */
export const TOLD_AT_ONCE = 100;

export function trustStore({ repository, keyRing, trail, searches, turns, now, log }: TrustStoreOptions): TrustStore {
  const { storableName, storableCertificate } = storables(keyRing);

  function storable(id: KeypairId, revision: number, certificate: CaCertificate) {
    const chain = chainOfOne(certificate.facts);
    return storableCertificate(id, revision, { ...certificate, chain, sealed: false, holdsKey: false });
  }

  const unprompted = (entry: UntoldEntry) =>
    trail.prepare(unpromptedEvent(named(entry.account, entry), { from: entry.told, to: entry.state }));

  /** Never fails: who reads is shown what is there, whatever becomes of the event; it stays untold, and is told later. */
  async function tellFound(entries: readonly StoredEntry[]): Promise<void> {
    const ids = entries.filter(isUntold).map(({ id }) => id);
    if (ids.length > 0) {
      await repository
        .tellUntold(now(), TOLD_AT_ONCE, ids, unprompted)
        .catch((err: unknown) =>
          log.warn({ err }, 'a change of trust was seen, but its event could not be written yet'),
        );
    }
  }

  return {
    async add(actor, account, entry) {
      const id = randomUUID() as KeypairId;
      const { certificate, use, statedSelfSigned, desired, resourceVersion, labels } = entry;
      const name = nameOf(certificate);
      const state = stateAt({ isIntact: true, notAfter: certificate.facts.notAfter, desired }, now());
      const createdAt = await repository.insert(
        {
          id,
          placement: placementOf(account),
          createdBy: actor.id,
          name: storableName(name),
          certificate: storable(id, FIRST_REVISION, certificate),
          privateKey: null,
          issuing: { signerId: null, privateKeyExportable: true },
          managed: null,
        },
        {
          certificateUse: use,
          statedSelfSigned,
          desiredState: desired,
          toldState: state,
          resourceVersion,
          labels,
          textSha256: digestOf(certificate),
        },
        trail.prepare(addedEvent(actor, named(account, { id, name }), state)),
      );
      return {
        ...{ id, use, statedSelfSigned, desired, state, resourceVersion, labels, isIntact: true },
        certificate: certificate.text,
        commonName: certificate.commonName,
        notAfter: certificate.facts.notAfter,
        ...{ createdAt, updatedAt: createdAt, createdBy: actor.id, updatedBy: actor.id },
      };
    },

    async get(account, id) {
      const entry = await repository.find(account, id, now());
      if (entry === undefined) {
        throw new KeypairNotFound(id);
      }
      await tellFound([entry]);
      return entry;
    },

    async change(actor, account, id, decide) {
      const found = await repository.update(account, id, now(), (locked) => {
        const at = now();
        const current = judged(locked, at);
        const change = decide(current);
        const state = stateAfter(id, current, change, at);
        const { certificate } = change;
        const revision = current.revision + 1;
        const from = lastTold(current);
        const changed = named(account, { id, name: certificate === undefined ? current.name : nameOf(certificate) });
        const events = [
          ...cameByItself(account, current),
          writeEvent('model_updated', actor, changed),
          ...(from === state ? [] : [transitionEvent(actor, changed, { from, to: state })]),
        ];
        return {
          keypair: {
            revision,
            updatedBy: actor.id,
            updatedAt: laterThan(current.updatedAt, at),
            ...(certificate === undefined
              ? {}
              : { name: storableName(changed.name), certificate: storable(id, revision, certificate) }),
          },
          entry: { ...columnsOf(change), toldState: state },
          events: events.map((event) => trail.prepare(event)),
        };
      });
      if (!found) {
        throw new KeypairNotFound(id);
      }
    },

    async remove(actor, account, id, decide) {
      const found = await repository.remove(account, id, now(), (locked) => {
        const current = judged(locked, now());
        decide(current);
        const removed = removedEvent(actor, named(account, current), lastTold(current));
        return [...cameByItself(account, current), removed].map((event) => trail.prepare(event));
      });
      if (!found) {
        throw new KeypairNotFound(id);
      }
    },

    async list(account, query, departure = staying) {
      const signal = departure();
      const read = () => repository.page(account, query);
      const inTurn = isSearch(query) ? () => searches.run(read, signal) : read;
      const { entries, next } = await turns.run(isSearch(query) ? `searches of ${account}` : account, inTurn, signal);
      await tellFound(entries);
      return next === undefined ? { entries } : { entries, next };
    },

    async bundle(account, ids, departure = staying) {
      const texts = await turns.run(account, () => repository.bundle(account, now(), ids), departure());
      return Buffer.concat(texts.map((text) => Buffer.from(`${text.trim()}\n`)));
    },

    tellUntold: () => repository.tellUntold(now(), TOLD_AT_ONCE, undefined, unprompted),
  };
}

/** Whether an index does not give the page as it is asked for. */
function isSearch({ conditions, order }: TrustQuery): boolean {
  return conditions.length > 0 || order.field !== 'createdAt' || order.descending;
}

/** As it is once its lock is held, for which may have been waited beyond the certificate's end. */
function judged(locked: StoredEntry, at: Date): StoredEntry {
  return { ...locked, state: stateAt(locked, at) };
}

/** What is still to be told of an entry before anything else is. */
function cameByItself(account: string, entry: StoredEntry): readonly NewEvent[] {
  return isUntold(entry) ? [unpromptedEvent(named(account, entry), { from: entry.told, to: entry.state })] : [];
}

/** The state that events tell of once {@link cameByItself} is told: the next transition begins there. */
function lastTold(entry: StoredEntry): TrustState {
  return isUntold(entry) ? entry.state : entry.told;
}

function placementOf(account: string): Placement {
  return { realm: 'astra', scope: account };
}

function named(account: string, { id, name }: Pick<Named, 'id' | 'name'>): Named {
  return { id, name, placement: placementOf(account) };
}

/** By which events and the log know it: this API gives no names. */
function nameOf({ commonName }: CaCertificate): string {
  return escapeNul(commonName);
}
