import { KekRefused } from './errors.ts';
import type { KekOverview, KekRow, KekTransaction, LockedKeks } from './kek-repository.ts';
import { type RewrapOptions, type RewrapResult, type RewrapWatcher, rewrapAll } from './rewrapping.ts';

/** What an operator did to a KEK. */
export interface KekChange {
  readonly kind: 'retired' | 'resumed' | 'switched';
  readonly kekId: string;
  /** The one that sealed before; of a switch alone. */
  readonly before?: string;
  /** Whether running servers that do not hold it were passed over. */
  readonly forced?: boolean;
}

export interface KekAdministrationOptions extends Omit<RewrapOptions, 'watcher'> {
  /** Writes down what is done, in the transaction that does it. */
  tell(tx: KekTransaction, change: KekChange): Promise<void>;
}

export interface RotateOptions {
  /** The KEK to switch to; without it, the one openable KEK that never sealed, if there is one. */
  readonly to?: string;
  /** Switches also where a running server does not hold it: that one can't read what is sealed from then on. */
  readonly force: boolean;
  readonly watcher: RewrapWatcher & {
    /** Before anything is re-wrapped. */
    onBegin(kekId: string, before: string | undefined): void;
  };
}

export interface KekAdministration {
  /** All KEKs, oldest first. */
  list(): Promise<readonly KekOverview[]>;
  /**
   * Makes a KEK the sealing one, and wraps everything under it. Where it seals already, or there is none to switch to, goes on with
   * what is left.
   *
   * @throws {KekRefused}
   */
  rotate(options: RotateOptions): Promise<RewrapResult & { readonly kekId: string }>;
  /**
   * Lets nothing be sealed or opened with a KEK any more; then no server needs it.
   *
   * @returns false where it was retired before
   * @throws {KekRefused} STILL_WRAPS with the count; SEALS; NOT_FOUND
   */
  retire(kekId: string): Promise<boolean>;
}

/** What operators do with KEKs (docs/decisions/0020-kek-rotation.md). */
export function kekAdministration({ tell, ...store }: KekAdministrationOptions): KekAdministration {
  const { keks, ring } = store;

  async function switchTo({ to, force }: RotateOptions): Promise<{ kekId: string; before: string | undefined }> {
    return keks.underLock(async (locked) => {
      const sealing = locked.rows.find(({ state }) => state === 'sealing')?.id;
      const kekId = to === undefined ? (newest(locked.rows) ?? sealing) : openable(locked.rows, to).id;
      if (kekId === undefined) {
        throw new KekRefused('NOT_FOUND', 'there is no KEK that seals');
      }
      if (kekId === sealing) {
        await tell(locked.tx, { kind: 'resumed', kekId });
        return { kekId, before: undefined };
      }
      requireHeld(kekId);
      const forced = await passOverServers(locked, kekId, force);
      await locked.makeSealing(kekId);
      await tell(locked.tx, { kind: 'switched', kekId, forced, ...(sealing === undefined ? {} : { before: sealing }) });
      return { kekId, before: sealing };
    });
  }

  function requireHeld(kekId: string): void {
    if (!ring.holds(kekId)) {
      throw new KekRefused('NOT_HELD', `this command was not given KEK ${kekId}, and can't wrap anything under it`);
    }
  }

  async function stillWraps(kekId: string): Promise<KekRefused> {
    const secrets = (await keks.overview()).find(({ id }) => id === kekId.toLowerCase())?.secrets ?? 0;
    return new KekRefused(
      'STILL_WRAPS',
      `${secrets} ${secrets === 1 ? 'secret is' : 'secrets are'} still wrapped under KEK ${kekId}; run: certkeep kek rotate`,
    );
  }

  return {
    list: () => keks.overview(),

    async rotate(options) {
      const { kekId, before } = await switchTo(options);
      options.watcher.onBegin(kekId, before);
      return { kekId, ...(await rewrapAll(kekId, { ...store, watcher: options.watcher })) };
    },

    async retire(kekId) {
      try {
        return await keks.underLock(async (locked) => {
          const { id, state } = find(locked.rows, kekId);
          if (state === 'sealing') {
            throw new KekRefused('SEALS', `KEK ${kekId} is the one that seals; rotate to another one first`);
          }
          if (state === 'retired') {
            return false;
          }
          await locked.retire(id);
          await tell(locked.tx, { kind: 'retired', kekId: id });
          return true;
        });
      } catch (error) {
        throw error instanceof KekRefused && error.code === 'STILL_WRAPS' ? await stillWraps(kekId) : error;
      }
    },
  };
}

function find(rows: readonly KekRow[], id: string): KekRow {
  const row = rows.find((each) => each.id === id.toLowerCase());
  if (row === undefined) {
    throw new KekRefused('NOT_FOUND', `there is no KEK ${id}`);
  }
  return row;
}

function openable(rows: readonly KekRow[], id: string): KekRow {
  const row = find(rows, id);
  if (row.state === 'retired') {
    throw new KekRefused('RETIRED', `KEK ${row.id} is retired`);
  }
  return row;
}

/** The one that waits for its turn; one that had it comes back only by name. */
function newest(rows: readonly KekRow[]): string | undefined {
  const waiting = rows.filter(({ state, superseded }) => state === 'openable' && !superseded);
  if (waiting.length > 1) {
    const ids = waiting.map(({ id }) => id).join(', ');
    throw new KekRefused('AMBIGUOUS', `several KEKs wait for their turn (${ids}); choose one with --to`);
  }
  return waiting[0]?.id;
}

/** @returns whether some had to be passed over */
async function passOverServers(locked: LockedKeks, kekId: string, force: boolean): Promise<boolean> {
  const servers = await locked.serversWithout(kekId);
  if (servers > 0 && !force) {
    throw new KekRefused(
      'NOT_HELD',
      `${servers} running ${servers === 1 ? 'server does' : 'servers do'} not hold KEK ${kekId}, and could not read what is sealed with it. ` +
        'Give every server both keys and restart it. One that ended without saying so is forgotten after 30 seconds. --force switches all the same',
    );
  }
  return servers > 0;
}
