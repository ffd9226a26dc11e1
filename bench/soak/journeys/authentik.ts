import { randomUUID } from 'node:crypto';
import { PAIRS, type Page, type PairBody } from '../../client.ts';
import type { Client } from '../client.ts';
import type { Journey } from '../pace.ts';

const EVENTS = '/api/v3/events/events/';
const TOKENS = '/api/v3/core/tokens/';

interface Made {
  readonly pk: string;
}

/** What clients of authentik's API do; each deletes what it makes. */
export function authentikJourneys(client: Client, pair: PairBody) {
  const onPair = (pk: string, rest = '') => `${PAIRS}${pk}/${rest}`;
  const remove = (pk: string) =>
    client.send({ kind: 'authentik delete', method: 'DELETE', path: onPair(pk), expect: 204 });
  const create = (name: string) =>
    client.json<Made>({ kind: 'authentik create', method: 'POST', path: PAIRS, body: { ...pair, name }, expect: 201 });

  const reading: Journey = {
    name: 'authentik, reading',
    requests: 5,
    async run() {
      const { results } = await client.json<Page>({
        kind: 'authentik list',
        path: `${PAIRS}?page_size=20`,
        expect: 200,
      });
      const pk = results[Math.floor(Math.random() * results.length)]?.pk ?? '';
      await client.send({ kind: 'authentik get', path: onPair(pk), expect: 200 });
      await client.send({ kind: 'authentik view certificate', path: onPair(pk, 'view_certificate/'), expect: 200 });
      await client.send({ kind: 'authentik search', path: `${PAIRS}?search=pair-1&ordering=-name`, expect: 200 });
      await client.send({ kind: 'events list', path: `${EVENTS}?page_size=10`, expect: 200 });
    },
  };

  const life: Journey = {
    name: 'authentik, life of a pair',
    requests: 8,
    async run() {
      const name = `soak ${randomUUID()}`;
      const { pk } = await create(name);
      await client.send({ kind: 'authentik get', path: onPair(pk), expect: 200 });
      const renamed = { name: `${name} renamed` };
      await client.send({ kind: 'authentik patch', method: 'PATCH', path: onPair(pk), body: renamed, expect: 200 });
      await client.send({ kind: 'authentik view key', path: onPair(pk, 'view_private_key/'), expect: 200 });
      await client.send({
        kind: 'authentik download',
        path: onPair(pk, 'view_certificate/?download'),
        expect: 200,
      });
      await client.send({ kind: 'authentik used by', path: onPair(pk, 'used_by/'), expect: 200 });
      await remove(pk);
      await client.send({ kind: 'authentik get, gone', path: onPair(pk), expect: 404 });
    },
  };

  const generation: Journey = {
    name: 'authentik, generation',
    requests: 3,
    async run() {
      const body = { common_name: `soak ${randomUUID()}`, validity_days: 365, alg: 'ecdsa' };
      const wanted = { kind: 'authentik generate', method: 'POST', path: `${PAIRS}generate/`, body, expect: 200 };
      const { pk } = await client.json<Made>(wanted);
      await client.send({ kind: 'authentik view key', path: onPair(pk, 'view_private_key/'), expect: 200 });
      await remove(pk);
    },
  };

  const refusals: Journey = {
    name: 'authentik, refusals',
    requests: 8,
    async run() {
      const name = `soak ${randomUUID()}`;
      const post = { method: 'POST', path: PAIRS, expect: 400 };
      await client.send({ kind: 'refused: no certificate', ...post, body: { name, certificate_data: 'none' } });
      const foreign = { ...pair, name, key_data: 'none' };
      await client.send({ kind: 'refused: no key', ...post, body: foreign });
      await client.send({ kind: 'refused: broken JSON', ...post, body: '{"name": ' });
      await client.send({ kind: 'refused: name taken', ...post, body: pair });
      await client.send({ kind: 'unknown pair', path: onPair(randomUUID()), expect: 404 });
      await client.send({ kind: 'unknown path', path: `/api/v3/crypto/${randomUUID()}/`, expect: 404 });
      const authorization = `Bearer certkeep_${randomUUID()}`;
      await client.send({ kind: 'wrong token', path: PAIRS, authorization, expect: 403 });
      await client.send({ kind: 'wrong method', method: 'PUT', path: PAIRS, body: {}, expect: 405 });
    },
  };

  const tokens: Journey = {
    name: 'authentik, life of a token',
    requests: 5,
    async run() {
      const identifier = `soak-${randomUUID()}`;
      const body = { identifier, role: 'reader' };
      const { key } = await client.json<{ key: string }>({
        kind: 'token create',
        method: 'POST',
        path: TOKENS,
        body,
        expect: 201,
      });
      const authorization = `Bearer ${key}`;
      await client.send({ kind: 'authentik list', path: `${PAIRS}?page_size=20`, authorization, expect: 200 });
      const wanted = { kind: 'forbidden', method: 'POST', path: PAIRS, body: { ...pair, name: identifier } };
      await client.send({ ...wanted, authorization, expect: 403 });
      const path = `${TOKENS}${identifier}/`;
      await client.send({ kind: 'token revoke', method: 'DELETE', path, expect: 204 });
      await client.send({ kind: 'revoked token', path: PAIRS, authorization, expect: 403 });
    },
  };

  return { reading, life, generation, refusals, tokens, create, remove };
}
