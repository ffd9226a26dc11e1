import { opensslPair } from '../support/openssl.ts';
import { PAIRS, type TestServer } from '../support/server.ts';

/** The pairs `k1` and `k2`, and nothing else. */
export interface TwoPairs {
  /** By name. */
  readonly ids: ReadonlyMap<string, string>;
  /** The stored texts by `k1.certificate_data`, `k1.key_data` and so on. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Makes what `k1` and `k2` hold, trimmed as it is stored. */
export function makeTexts(): ReadonlyMap<string, string> {
  return new Map(
    ['k1', 'k2'].flatMap((name) => {
      const { certificate, privateKey } = opensslPair(`${name}.example`);
      return [
        [`${name}.certificate_data`, certificate.trim()],
        [`${name}.key_data`, privateKey.trim()],
      ] as const;
    }),
  );
}

/** Empties the store and puts both pairs into it. */
export async function putTwoPairs(server: TestServer, texts: ReadonlyMap<string, string>): Promise<TwoPairs> {
  for (const { pk } of await storedPairs(server)) {
    await server.request('DELETE', `${PAIRS}${pk}/`);
  }
  const ids = new Map<string, string>();
  for (const name of ['k1', 'k2']) {
    const created = await server.request('POST', PAIRS, {
      name,
      certificate_data: texts.get(`${name}.certificate_data`),
      key_data: texts.get(`${name}.key_data`),
    });
    ids.set(name, ((await created.json()) as { pk: string }).pk);
  }
  return { ids, texts };
}

/** All pairs as the superuser sees them. */
export async function storedPairs(server: TestServer): Promise<{ pk: string; name: string }[]> {
  const list = await server.request('GET', `${PAIRS}?page_size=100`);
  return ((await list.json()) as { results: { pk: string; name: string }[] }).results;
}
