import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../../support/server.ts';
import { type Client, makeClient, OTHER_TSG, TSG } from '../oauth2/support/oauth.ts';
import { expectEnvelope, METHOD_NOT_SUPPORTED } from '../support/envelope.ts';
import { base64, fromBase64 } from '../support/files.ts';
import { CURRENT, LEGACY, type Shown, soundBody } from '../support/generate.ts';
import { seedMany, seedMaterial, tsgOf } from '../support/seed.ts';
import { sendAlone, type WireAnswer } from './support/connection.ts';
import { accessTokenIn, FORM, JSON_TYPE, jsonOf, type Listed, lengthOf, PYTHON } from './support/requests.ts';

let server: TestServer;
let client: Client;
let token: string;
beforeAll(async () => {
  server = await startServer();
  client = await makeClient(server);
  token = accessTokenIn(await logIn({ scope: `tsg_id:${TSG}` }));
});
afterAll(() => server.close());

/** As the SDK does: the credentials are fields of the form, beside one that means nothing. */
function logIn(fields: Record<string, string>, type = FORM): Promise<WireAnswer> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: client.identifier,
    client_secret: client.secret,
    client_kwargs: `{'tsg_id': '${TSG}'}`,
    ...fields,
  }).toString();
  const head = ['POST /am/oauth2/access_token HTTP/1.1', ...PYTHON, 'Accept: application/json', type, lengthOf(form)];
  return sendAlone(server.url, head, form);
}

function send(line: string, body?: object, ...more: readonly string[]): Promise<WireAnswer> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const ofBody = body === undefined ? [] : [lengthOf(text), JSON_TYPE];
  return sendAlone(
    server.url,
    [`${line} HTTP/1.1`, ...PYTHON, `Authorization: Bearer ${token}`, ...ofBody, ...more],
    text,
  );
}

describe('a token request', () => {
  test.each([`tsg_id:${TSG}`, `tsg_id:${TSG} profile email`, `profile tsg_id:${TSG}`, `email  tsg_id:${TSG}  openid`])(
    'has its scope echoed exactly: %s',
    async (scope) => {
      const { scope: echoed } = jsonOf<{ scope: string }>(await logIn({ scope }), 200);
      expect(echoed).toBe(scope);
    },
  );

  test.each([`${FORM};charset=UTF-8`, `${FORM}; charset=utf-8`, FORM.toUpperCase()])(
    'may be sent as %s',
    async (type) => {
      accessTokenIn(await logIn({ scope: `tsg_id:${TSG}` }, type));
    },
  );
});

describe("SDK's service for certificates", () => {
  test('pages by limit=2500 until a page is short, and has them all', async () => {
    const container = { kind: 'folder', name: 'Texas' } as const;
    const names = await seedMany(server, 2501, { container, tsg: tsgOf(TSG) });
    const seen: string[] = [];
    const lengths: number[] = [];
    do {
      const page = await send(`GET ${CURRENT}?folder=Texas&limit=2500&offset=${seen.length}`);
      const { data, limit } = jsonOf<Listed>(page, 200);
      expect(limit).toBe(2500);
      lengths.push(data.length);
      seen.push(...data.map(({ name }) => name));
    } while (lengths.at(-1) === 2500);
    expect(lengths).toEqual([2500, 1]);
    expect(seen).toEqual(names);
  });

  test.each(['%3A', '%3a', ':'])(
    'imports without the format that it leaves out, fetches and exports: %s',
    async (colon) => {
      const name = crypto.randomUUID();
      const { certificate, privateKey = '' } = seedMaterial();
      const files = { certificate_file: base64(certificate), key_file: base64(privateKey), passphrase: 'unused' };
      const stored = jsonOf<Shown>(
        await send(`POST ${CURRENT}${colon}import`, { name, folder: 'Shared', ...files }),
        201,
      );
      expect(stored.id).toMatch(/^[0-9a-f-]{36}$/);
      expect(jsonOf(await send(`GET ${CURRENT}?folder=Shared&name=${name}`), 200)).toMatchObject({ id: stored.id });
      const path = `${CURRENT}/${stored.id}${colon}export`;
      const begin = { pem: '-----BEGIN', pkcs12: '0\x82', der: '0\x82' };
      for (const [format, magic] of Object.entries(begin)) {
        const { certificate: file } = jsonOf<{ certificate: string }>(
          await send(`POST ${path}`, { format, ...(format === 'pkcs12' ? { passphrase: 's3cret' } : {}) }),
          201,
        );
        expect(fromBase64(file).toString('latin1').startsWith(magic), format).toBe(true);
      }
    },
  );
});

describe('PANAPI', () => {
  const query = '?folder=Mobile+Users';
  const fields = () => soundBody({ folder: 'Mobile Users', signed_by: '' });

  test('creates with the folder in query and body, and every attribute of its object sent back', async () => {
    const first = jsonOf<Shown>(await send(`POST ${LEGACY}${query}`, fields()), 201);
    const second = jsonOf<Shown>(await send(`POST ${LEGACY}${query}`, { ...first, ...fields() }), 201);
    expect([second.folder, second.id === first.id]).toEqual(['Mobile Users', false]);
  });

  test('updates by a PUT that is not supported, and deletes with a type and no body', async () => {
    const { id } = jsonOf<Shown>(await send(`POST ${LEGACY}${query}`, fields()), 201);
    expectEnvelope(await send(`PUT ${LEGACY}/${id}${query}`, { ...fields(), id }), METHOD_NOT_SUPPORTED);
    const deleted = await send(`DELETE ${LEGACY}/${id}${query}`, undefined, JSON_TYPE, 'Content-Length: 0');
    expect(jsonOf<Shown>(deleted, 200).id).toBe(id);
  });
});

describe('scripts that report what expires', () => {
  /** The tenant is that of the access token, whatever else is said. */
  const OF_NO_MEANING = [`Prisma-Tenant: ${OTHER_TSG}`, 'X-PANW-Region: americas'];

  test.each([CURRENT, LEGACY])('read names, dates and certificates out of the list at %s', async (path) => {
    const folder = `Reports ${path.length}`;
    const made = jsonOf<Shown>(await send(`POST ${path}`, soundBody({ folder, day_till_expiration: 10 })), 201);
    const listed = await send(`GET ${path}?folder=${encodeURIComponent(folder)}`, undefined, ...OF_NO_MEANING);
    const { data } = jsonOf<Listed>(listed, 200);
    expect(data.map(({ name }) => name)).toEqual([made.name]);
    for (const { public_key: pem, not_valid_after: end, expiry_epoch: epoch } of data) {
      const [block = ''] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(pem) ?? [];
      const { validTo } = new X509Certificate(block);
      expect(new Date(end)).toEqual(new Date(new Date(validTo).toISOString().slice(0, 10)));
      expect(epoch).toBe(String(Date.parse(validTo) / 1000));
    }
  });
});
