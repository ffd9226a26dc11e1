import { readConfig } from '../../config.ts';
import { createLogger } from '../../logger.ts';
import { openStore, type Store } from '../../operations/index.ts';

/** Opens the store that the server would use, also while one runs on it, for the time of one act, and closes it. */
export async function withStore<T>(act: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore({ config: readConfig(process.env), log: createLogger('silent'), attach: true });
  try {
    return await act(store);
  } finally {
    await store.close();
  }
}
