import type { AccountId } from './account.ts';

/** How long an answer is believed, in milliseconds; another process may make or delete the account meanwhile. */
const MAX_AGE_MS = 5000;
/** Beyond these the oldest goes: whoever reaches the whole realm can ask for any id. */
const MAX_ANSWERS = 1000;

interface Entry {
  readonly found: Promise<boolean>;
  readonly until: number;
}

/**
 * Remembers for a moment which accounts there are and which there are not, and lets requests that come together ask once.
 *
 * @param now milliseconds of a clock that only goes forward
 */
export function accountMemory(now: () => number = () => performance.now()) {
  const entries = new Map<AccountId, Entry>();

  return {
    /** Whether there is an account, from memory or by `find`, whose errors are passed on and not remembered. */
    async exists(id: AccountId, find: () => Promise<boolean>): Promise<boolean> {
      const remembered = entries.get(id);
      if (remembered !== undefined && now() < remembered.until) {
        return remembered.found;
      }
      const entry: Entry = { until: now() + MAX_AGE_MS, found: find() };
      entries.delete(id);
      entries.set(id, entry);
      const oldest = entries.keys().next();
      if (entries.size > MAX_ANSWERS && oldest.done !== true) {
        entries.delete(oldest.value);
      }
      try {
        return await entry.found;
      } catch (error) {
        if (entries.get(id) === entry) {
          entries.delete(id);
        }
        throw error;
      }
    },

    /** Forgets everything: an account was made or deleted in this process. */
    clear(): void {
      entries.clear();
    },
  };
}
