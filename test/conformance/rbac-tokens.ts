import type { TestServer } from '../support/server.ts';
import type { Caller } from './rbac-recording.ts';
import type { TwoPairs } from './rbac-store.ts';

/** Gives each caller of the recording a token of exactly its rights, made for the pairs at hand. */
export function tokensOf(server: TestServer) {
  return async ({ kind, global, object_k1 }: Caller, { ids }: TwoPairs): Promise<string | undefined> => {
    switch (kind) {
      case 'anonymous':
        return undefined;
      case 'invalid_token':
        return 'nope';
      case 'superuser':
        return server.token;
      case 'user':
        return server.tokenWith([...global, ...object_k1.map((permission) => `${permission}@${ids.get('k1')}`)]);
    }
  };
}
