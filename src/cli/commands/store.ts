import { existsSync } from 'node:fs';
import { readConfig } from '../../config.ts';
import { createLogger } from '../../logger.ts';
import { openStore, StartRefused, type Store } from '../../operations/index.ts';

/**
 * Opens the store that the server would use, also while one runs on it, for the time of one act, and closes it.
 *
 * @param begins whether the act may be the first of a store. What an empty one made by the way would say, in a wrong folder for
 *   instance, would be taken for the word of the right one
 * @throws {StartRefused} where there is no embedded one and the act can't begin it
 */
export async function withStore<T>(act: (store: Store) => Promise<T>, { begins = false } = {}): Promise<T> {
  const config = readConfig(process.env);
  if (!begins && config.databaseUrl === undefined && !existsSync(config.dataDirectory)) {
    throw new StartRefused('STORE_MISSING', config.dataDirectory);
  }
  const store = await openStore({ config, log: createLogger('silent'), attach: true });
  try {
    return await act(store);
  } finally {
    await store.close();
  }
}
