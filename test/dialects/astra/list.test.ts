import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccountId } from '../../../src/access/index.ts';
import { OPERATOR } from '../../../src/audit/index.ts';
import { readCaCertificate } from '../../../src/keypairs/index.ts';
import { opensslPair } from '../../support/openssl.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { ask } from '../authentik/errors/support/refusal.ts';
import { certificatesOf, makeAccount } from './support/accounts.ts';
import { type List, listed, listOf, queryOf } from './support/list.ts';
import { keepMany } from './support/many.ts';
import { expectProblem } from './support/problems.ts';

let server: TestServer;
/** Of four certificates, in the order in which they came. */
let account: AccountId;
let path: string;
const ids: Record<string, string> = {};
beforeAll(async () => {
  server = await startServer();
  account = await makeAccount(server);
  path = certificatesOf(account);
  const store = (name: string, wanted: object) => keepAs(account, name, wanted);
  await store('Lab Root', { labels: [{ name: 'site', value: 'lab-7' }], statedSelfSigned: true });
  await store('an intermediate', { use: 'intermediateCA', resourceVersion: '1.0' });
  await store('Withdrawn Root', { desired: 'untrusted', labels: [{ name: 'tier', value: 'site' }] });
  await store('Old Root', {
    labels: [
      { name: 'site', value: 'old' },
      { name: 'x', value: 'lab-7' },
    ],
  });
  await server.database.query("UPDATE keypairs SET not_after = '2020-02-29T12:00:00Z' WHERE id = $1", [
    ids['Old Root'],
  ]);
});
afterAll(() => server.close());

async function keepAs(into: AccountId, name: string, wanted: object): Promise<void> {
  const entry = await server.trust.add(OPERATOR, into, {
    certificate: readCaCertificate(Buffer.from(opensslPair(name).certificate)),
    ...{ use: 'rootCA', statedSelfSigned: false, desired: 'trusted', labels: [], resourceVersion: '1.1' },
    ...wanted,
  });
  ids[name] = entry.id;
}

const ALL = ['Lab Root', 'an intermediate', 'Withdrawn Root', 'Old Root'];

describe('the envelope', () => {
  test('200: type, version, items and metadata, also where there is nothing', async () => {
    const empty = await makeAccount(server);
    expect(await listOf(server, empty)).toEqual({
      type: 'application/astra-certificates',
      version: '1.1',
      items: [],
      metadata: {},
    });
  });

  test('200: each item as it is shown alone, the oldest first', async () => {
    const list = await listOf(server, account);
    expect(list.items.map(({ cn }) => cn)).toEqual(ALL);
    const [item] = list.items;
    expect(item).toEqual(await (await server.request('GET', `${path}/${ids['Lab Root']}`)).json());
  });

  test.each([
    [undefined, 'application/json'],
    ['*/*', 'application/json'],
    ['application/astra-certificates+json', 'application/astra-certificates+json'],
  ])('Accept: %s is answered as %s', async (accept, type) => {
    const answer = await server.request('GET', path, undefined, accept === undefined ? {} : { accept });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, type]);
    expect(((await answer.json()) as List).items).toHaveLength(4);
  });

  test.each(['{}', '{', ''])('§8: a body of %j is taken and ignored', async (body) => {
    const headers = { accept: '*/*', 'content-type': 'application/json' };
    const { status, text } = await ask(server, { method: 'GET', path, body, headers });
    expect([status, (JSON.parse(text) as List).items.length]).toEqual([200, 4]);
  });

  test('406/32 comes before what is wrong with the query, which is 6 before it is 5', async () => {
    await expectProblem(server, { method: 'GET', path: `${path}?skip=1`, headers: { accept: 'text/html' } }, 32);
    await expectProblem(server, { method: 'GET', path: `${path}?limit=0&skip=1&count=true` }, 6, {
      invalidParams: ['skip', 'count'].map((name) => ({ name, reason: expect.any(String) })),
    });
  });

  test('a token in the place of a name is not repeated', async () => {
    await expectProblem(server, { method: 'GET', path: `${path}?${server.token}=1` }, 6, {
      invalidParams: [{ name: '[redacted]', reason: expect.any(String) }],
    });
  });
});

describe('§3.6: include', () => {
  test('each item becomes the values in the order that is asked for', async () => {
    const { items } = await listOf<unknown[]>(server, account, {
      include: 'cn,trustState,id,trustStateDetails',
      limit: '1',
    });
    expect(items).toEqual([['Lab Root', 'trusted', ids['Lab Root'], []]]);
  });

  test('any field of the resource, as the resource has it', async () => {
    const [whole] = (await listOf(server, account, { limit: '1' })).items;
    const fields = Object.keys(whole ?? {}).reverse();
    const { items } = await listOf<unknown[]>(server, account, { include: fields.join(','), limit: '1' });
    expect(items).toEqual([fields.map((field) => whole?.[field])]);
  });
});

describe('§3.6: filter', () => {
  test.each<[string, readonly string[]]>([
    ["certUse eq 'intermediateCA'", ['an intermediate']],
    ["certUse gt 'intermediateCA'", ['Lab Root', 'Withdrawn Root', 'Old Root']],
    ["cn eq 'Lab Root'", ['Lab Root']],
    ["cn eq 'lab root'", []],
    ["cn in 'Root'", ['Lab Root', 'Withdrawn Root', 'Old Root']],
    ["cn lt 'Z'", ['Lab Root', 'Withdrawn Root', 'Old Root']],
    ["trustState eq 'trusted'", ['Lab Root', 'an intermediate']],
    ["trustState eq 'expired'", ['Old Root']],
    ["trustStateDesired eq 'trusted'", ['Lab Root', 'an intermediate', 'Old Root']],
    ["isSelfSigned eq 'true'", ['Lab Root']],
    ["version eq '1.0'", ['an intermediate']],
    ["expiryTimestamp lt '2020-02-29T12:00:00.000000001Z'", ['Old Root']],
    ["expiryTimestamp lt '2020-02-29T12:00:00Z'", []],
    ["expiryTimestamp gte '2020-02-29T12:00:00,0Z'", ALL],
    ["expiryTimestamp in '02-29T12'", ['Old Root']],
    ["metadata.labels[*].name eq 'site'", ['Lab Root', 'Old Root']],
    ["metadata.labels[*].value eq 'lab-7'", ['Lab Root', 'Old Root']],
    ["metadata.creationTimestamp gt '2020-01-01T00:00:00Z'", ALL],
    ["metadata.modificationTimestamp lt '2020-01-01T00:00:00Z'", []],
    ["type eq 'application/astra-certificate'", ALL],
    ["type eq 'application/astra-other'", []],
    ["trustStateTransitions[*].to[*] eq 'trusted'", ALL],
    ["trustStateDetails[*].title in 'trusted'", []],
  ])('%s', async (filter, names) => {
    expect(await listed(server, account, { filter })).toEqual(names);
  });

  test('by id, by whoever created it, and by the certificate itself', async () => {
    const [first, second] = (await listOf(server, account)).items;
    const { createdBy, modifiedBy } = first?.metadata ?? {};
    expect(await listed(server, account, { filter: `id eq '${second?.id}'` })).toEqual(['an intermediate']);
    expect(await listed(server, account, { filter: `metadata.createdBy eq '${createdBy}'` })).toEqual(ALL);
    expect(await listed(server, account, { filter: `metadata.modifiedBy gt '${modifiedBy}'` })).toEqual([]);
    // A plus sign is in no value of a filter.
    const [part] = /[A-Za-z0-9/]{60,}/.exec(String(second?.cert).slice(200)) ?? [];
    expect(await listed(server, account, { filter: `cert in '${part?.slice(0, 60) ?? 'LS0'}'` })).toContain(
      'an intermediate',
    );
  });

  test('several must all hold', async () => {
    const filter = ["cn in 'Root'", "trustStateDesired eq 'trusted'", "metadata.labels[*].name eq 'x'"];
    expect(await listed(server, account, { filter })).toEqual(['Old Root']);
    expect(await listed(server, account, { filter: [...filter, "type eq 'x'"] })).toEqual([]);
  });

  test.each(["cn+eq+'Lab+Root'", 'cn%20eq%20%27Lab%20Root%27', "cn%2520eq%2520'Lab+Root'", "cn+eq%20'Lab%20Root'"])(
    'on the wire: %s',
    async (filter) => {
      expect(await listed(server, account, `filter=${filter}`)).toEqual(['Lab Root']);
    },
  );

  test('a broken certificate is found by what its state details say', async () => {
    const broken = await makeAccount(server);
    const [id] = await keepMany(server, broken, 2);
    await server.database.query("UPDATE trust_entries SET text_sha256 = sha256('x') WHERE keypair_id = $1", [id]);
    expect(
      await listed(server, broken, { filter: "trustStateDetails[*].title eq 'Certificate not trusted'" }, 'id'),
    ).toEqual([id]);
    expect(await listed(server, broken, { filter: "trustState eq 'untrusted'" }, 'id')).toEqual([id]);
  });
});

describe('§3.6: orderBy', () => {
  test.each<[string, readonly string[]]>([
    ['cn', ['Lab Root', 'Old Root', 'Withdrawn Root', 'an intermediate']],
    ['cn desc', ['an intermediate', 'Withdrawn Root', 'Old Root', 'Lab Root']],
    ['cn%20desc', ['an intermediate', 'Withdrawn Root', 'Old Root', 'Lab Root']],
  ])('%s', async (orderBy, names) => {
    expect(await listed(server, account, { orderBy })).toEqual(names);
  });

  test.each(['certUse', 'trustStateDesired', 'isSelfSigned', 'version', 'expiryTimestamp', 'trustState', 'type', 'id'])(
    '%s, upwards and downwards; what is equal by its id',
    async (field) => {
      for (const direction of [1, -1]) {
        const { items } = await listOf(server, account, { orderBy: direction === 1 ? field : `${field} desc` });
        const key = (item: (typeof items)[number]) => String(item[field]);
        const byId = (a: (typeof items)[number], b: (typeof items)[number]) => (String(a.id) < String(b.id) ? -1 : 1);
        const sorted = items.toSorted((a, b) =>
          key(a) === key(b) ? byId(a, b) : key(a) < key(b) ? -direction : direction,
        );
        expect(items.map(({ id }) => id)).toEqual(sorted.map(({ id }) => id));
      }
    },
  );
});

describe('§3.6: what is not sound is problem 5', () => {
  test.each([
    ...[
      'filter=',
      "filter=cn+eq+'a'&filter=",
      'filter',
      "filter=cn+ne+'a'",
      "filter=nothing+eq+'a'",
      'filter=%zz%',
      'filter=%ff',
    ],
    ...["filter=expiryTimestamp+gt+'2026-02-30T00:00:00Z'", "filter=metadata+eq+'a'", "filter=cn+eq+'%00'"],
    ...['include=', 'include=cn,', 'include=nothing', 'include=cn&include=id', 'include=metadata.labels'],
    ...[
      'limit=',
      'limit=0',
      'limit=-1',
      'limit=1.5',
      'limit=x',
      'limit=01',
      'limit=1&limit=1',
      'limit=+1',
      'limit=1e3',
    ],
    ...['orderBy=', 'orderBy=cert', 'orderBy=cn+asc', 'orderBy=cn&orderBy=cn'],
    ...['continue=', 'continue=eyJjb2xsZWN0aW9uSW5kZXgiOjZ9', 'continue=x&continue=y', 'continue=%'],
  ])('%s', async (query) => {
    const [name] = query.split('=');
    const invalidParams = [{ name, reason: expect.stringMatching(/^[ -~]+$/) }];
    await expectProblem(server, { method: 'GET', path: `${path}?${query}` }, 5, { invalidParams });
  });

  test('all of it is told at once, without a value that was sent', async () => {
    const query = {
      filter: ["SENT eq 'a'", 'cn SENT'],
      include: 'SENT',
      limit: 'SENT',
      orderBy: 'SENT',
      continue: 'SENT',
    };
    const { text } = await expectProblem(server, { method: 'GET', path: `${path}?${queryOf(query)}` }, 5, {
      invalidParams: ['filter', 'filter', 'include', 'orderBy', 'limit', 'continue'].map((name) => ({
        name,
        reason: expect.any(String),
      })),
    });
    expect(text).not.toContain('SENT');
  });

  test('20 filters are taken, 21 are not', async () => {
    const filters = (count: number) => queryOf({ filter: Array.from({ length: count }, () => "cn in 'Root'") });
    expect(await listed(server, account, filters(20))).toHaveLength(3);
    await expectProblem(server, { method: 'GET', path: `${path}?${filters(21)}` }, 5, {
      invalidParams: [{ name: 'filter', reason: expect.any(String) }],
    });
  });
});

describe('who sees what', () => {
  test('whoever holds a right on single certificates is shown these alone', async () => {
    const grant = `view_certificatekeypair_certificate@${ids['Old Root']}`;
    const token = await server.tokenWith([grant], { reach: [`astra:${account}`] });
    const { items } = await listOf(server, account, {}, token);
    expect(items.map(({ cn }) => cn)).toEqual(['Old Root']);
  });

  test('403/11 without a right, 401/3 without a token', async () => {
    const token = await server.tokenWith([], { reach: ['astra'] });
    await expectProblem(server, { method: 'GET', path, headers: { authorization: `Bearer ${token}` } }, 11);
    await expectProblem(server, { method: 'GET', path, headers: { authorization: null } }, 3);
  });
});
