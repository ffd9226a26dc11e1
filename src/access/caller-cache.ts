import type { Caller } from './principal.ts';

/** How long a caller may be believed without asking the database, in milliseconds; another process may revoke the token meanwhile. */
const MAX_AGE_MS = 5000;
/** Beyond these the oldest goes. */
const MAX_CALLERS = 1000;

/** A caller, and for how long at the most its token is still good. */
export interface FoundCaller {
  readonly caller: Caller;
  /** `null` for a token that never expires. */
  readonly expiresInMs: number | null;
}

interface Entry {
  readonly found: Promise<FoundCaller | undefined>;
  until: number;
}

/**
 * Remembers who tokens speak for, for a moment, and lets requests that come together ask once. What was not found is not remembered.
 *
 * @param now milliseconds of a clock that only goes forward
 */
export function callerCache(now: () => number = () => performance.now()) {
  const entries = new Map<string, Entry>();

  const forgetOldest = () => {
    const oldest = entries.keys().next();
    if (entries.size > MAX_CALLERS && oldest.done !== true) {
      entries.delete(oldest.value);
    }
  };

  return {
    /** The caller under a key, from memory or by `find`, whose errors are passed on. */
    async get(key: string, find: () => Promise<FoundCaller | undefined>): Promise<Caller | undefined> {
      const remembered = entries.get(key);
      if (remembered !== undefined && now() < remembered.until) {
        return (await remembered.found)?.caller;
      }
      const asked = now();
      const entry: Entry = { found: find(), until: asked + MAX_AGE_MS };
      entries.delete(key);
      entries.set(key, entry);
      forgetOldest();
      const forget = () => {
        if (entries.get(key) === entry) {
          entries.delete(key);
        }
      };
      try {
        const found = await entry.found;
        if (found === undefined) {
          forget();
        } else if (found.expiresInMs !== null) {
          entry.until = Math.min(entry.until, asked + found.expiresInMs);
        }
        return found?.caller;
      } catch (error) {
        forget();
        throw error;
      }
    },

    /** Forgets everybody: a token changed in this process. */
    clear(): void {
      entries.clear();
    },
  };
}
