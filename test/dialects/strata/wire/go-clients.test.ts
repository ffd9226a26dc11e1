import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../../support/server.ts';
import { forge, stolenKey } from '../oauth2/support/forge.ts';
import { accessTokenOf, type Client, claimsOf, headerOf, makeClient, TSG } from '../oauth2/support/oauth.ts';
import { expectEnvelope, NOT_PRESENT } from '../support/envelope.ts';
import { base64 } from '../support/files.ts';
import { CURRENT, LEGACY, type Shown, soundBody } from '../support/generate.ts';
import { seedMaterial } from '../support/seed.ts';
import { openConnection, sendAlone } from './support/connection.ts';
import { accessTokenIn, FORM, GO, JSON_TYPE, jsonOf, type Listed, lengthOf } from './support/requests.ts';

let server: TestServer;
let client: Client;
let token: string;
beforeAll(async () => {
  server = await startServer();
  client = await makeClient(server);
  token = await accessTokenOf(server, client);
});
afterAll(() => server.close());

describe('SCMGO, on the current base path, with the token in two headers', () => {
  const send = (line: string, body?: string) =>
    sendAlone(
      server.url,
      [
        `${line} HTTP/1.1`,
        ...GO,
        'Accept: application/json',
        `Authorization: Bearer ${token}`,
        `X-Auth-Jwt: ${token}`,
        ...(body === undefined ? [] : [JSON_TYPE, lengthOf(body)]),
      ],
      body,
    );
  const generate = async (changes: object, algorithm: string) => {
    const text = JSON.stringify(soundBody({ signed_by: '', ...changes, algorithm: '?' }));
    return jsonOf<Shown>(await send(`POST ${CURRENT}`, text.replace('"?"', algorithm)), 201);
  };

  test.each([
    ['{"rsa_number_of_bits":2048}', 'RSA'],
    ['{"rsa_number_of_bits":2048.0}', 'RSA'],
    ['{"ecdsa_number_of_bits":2.45E2}', 'EC'],
  ])('generates by numbers as floats are written: %s', async (algorithm, expected) => {
    const { algorithm: made, public_key: pem } = await generate({}, algorithm);
    expect([made, pem]).toEqual([expected, expect.stringMatching(/^-----BEGIN CERTIFICATE-----\n/)]);
  });

  test('finds a certificate by its name as a bare object, and nothing as 404', async () => {
    const made = await generate({}, '{"ecdsa_number_of_bits":256}');
    const found = await send(`GET ${CURRENT}?name=${made.name}&folder=Shared&limit=5000&offset=0`);
    expect(jsonOf(found, 200)).toEqual(made);
    expectEnvelope(await send(`GET ${CURRENT}?name=nobody&folder=Shared`), NOT_PRESENT);
  });

  test('lists with the four members that its model requires, the numbers as integers', async () => {
    await generate({}, '{"ecdsa_number_of_bits":256}');
    const { text } = await send(`GET ${CURRENT}?folder=Shared&limit=5000&offset=0`);
    expect(Object.keys(JSON.parse(text)).sort()).toEqual(['data', 'limit', 'offset', 'total']);
    expect(text).toMatch(/"offset":0[,}]/);
    expect(text).toMatch(/"limit":5000[,}]/);
    expect(text).toMatch(/"total":[1-9]\d*[,}]/);
  });
});

describe('SASEGO, on the legacy base path, with a type of JSON on every request', () => {
  const head = (line: string, bearer: string, ...more: readonly string[]) => [
    `${line} HTTP/1.1`,
    ...GO,
    JSON_TYPE,
    `Authorization: Bearer ${bearer}`,
    ...more,
  ];
  const logIn = async (secret = client.secret) => {
    const form = `grant_type=client_credentials&scope=${encodeURIComponent(`tsg_id:${TSG}`)}`;
    const basic = Buffer.from(`${client.identifier}:${secret}`).toString('base64');
    const lines = ['POST /auth/v1/oauth2/access_token HTTP/1.1', ...GO, FORM, `Authorization: Basic ${basic}`];
    return sendAlone(server.url, [...lines, lengthOf(form)], form);
  };
  /** As its `Create` does: the folder stands in the query alone. */
  const importOne = async (folder = 'Mobile%20Users') => {
    const fields = { name: crypto.randomUUID(), format: 'pem', certificate_file: base64(seedMaterial().certificate) };
    const body = JSON.stringify(fields);
    const lines = head(`POST ${LEGACY}:import?folder=${folder}`, token, lengthOf(body));
    return { fields, stored: jsonOf<Shown>(await sendAlone(server.url, lines, body), 201) };
  };

  test('reads both fields of a refused token request', async () => {
    const refused = jsonOf(await logIn('wrong'), 401);
    expect(refused).toEqual({ error: 'invalid_client', error_description: expect.stringMatching(/./) });
  });

  test('imports with the folder in the query alone, and reads the echo', async () => {
    const { fields, stored } = await importOne();
    expect(stored).toMatchObject({ ...fields, folder: 'Mobile Users' });
    expect(stored).not.toHaveProperty('passphrase');
  });

  test.each([
    ['no length', [], ''],
    ['a length of 0', ['Content-Length: 0'], ''],
    ['a last chunk alone', ['Transfer-Encoding: chunked'], '0\r\n\r\n'],
  ])('lists and deletes with an empty body, said by %s', async (_how, more, body) => {
    const { stored } = await importOne();
    const query = '?folder=Mobile+Users&limit=2000&offset=0';
    const listed = await sendAlone(server.url, head(`GET ${LEGACY}${query}`, token, ...more), body);
    const { data, total } = jsonOf<Listed>(listed, 200);
    expect([data.length, data.some(({ id }) => id === stored.id)]).toEqual([total, true]);
    const deleted = await sendAlone(server.url, head(`DELETE ${LEGACY}/${stored.id}`, token, ...more), body);
    expect(jsonOf<Shown>(deleted, 200)).toMatchObject({ id: stored.id, name: stored.name });
  });

  test('reads an envelope by name, of one and of none', async () => {
    const { stored } = await importOne();
    for (const [name, ids] of [
      [stored.name, [stored.id]],
      ['nobody', []],
    ] as const) {
      const line = `GET ${LEGACY}?name=${name}&folder=Mobile%20Users`;
      const { data, total } = jsonOf<Listed>(await sendAlone(server.url, head(line, token)), 200);
      expect([data.map(({ id }) => id), total]).toEqual([ids, ids.length]);
    }
  });

  test('asks for another token once after a 401, and goes on by the same connection', async () => {
    const { key } = await stolenKey(server.keypairs);
    const end = Math.floor(Date.now() / 1000) - 1;
    const expired = forge(headerOf(token), { ...claimsOf(token), iat: end - 900, exp: end }, key);
    const connection = await openConnection(server.url);
    const line = `GET ${LEGACY}?folder=Shared`;
    expectEnvelope(await connection.send(head(line, expired)), { status: 401, code: 'E016', message: 'Key Expired' });
    const renewed = accessTokenIn(await logIn());
    expect((await connection.send(head(line, renewed))).status).toBe(200);
    connection.close();
  });
});
