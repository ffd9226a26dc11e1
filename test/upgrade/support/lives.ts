import { randomUUID } from 'node:crypto';
import { certificatesOf } from '../../dialects/astra/support/accounts.ts';
import { newBody } from '../../dialects/astra/support/certificates.ts';
import { CURRENT, soundBody } from '../../dialects/strata/support/generate.ts';
import { opensslPair } from '../../support/openssl.ts';
import type { Replica } from '../../support/replicas.ts';
import { PAIRS } from '../../support/server.ts';

/** Takes part in a life: by turns who writes and who reads it. */
export interface Server extends Pick<Replica, 'url' | 'token'> {
  readonly version: 'old' | 'new';
}

/** What is read of an answer. */
interface Body {
  readonly pk: string;
  readonly id: string;
  readonly data: string;
  readonly name: string;
  readonly certificate: string;
}

/** Wrong: what was answered otherwise than with this status, or by no answer at all. */
export type Ask = (
  server: Server,
  method: string,
  path: string,
  status: number,
  body?: object,
) => Promise<Partial<Body>>;

type Life = (ask: Ask, writer: Server, reader: Server) => Promise<void>;

const { certificate, privateKey } = opensslPair('upgraded.example');
const renewed = opensslPair('renewed.example');

function mustBe(found: unknown, expected: unknown): void {
  if (found !== expected) {
    throw new Error(`${found} where ${expected} was written`);
  }
}

const authentik: Life = async (ask, writer, reader) => {
  const name = `life ${randomUUID()}`;
  const { pk } = await ask(writer, 'POST', PAIRS, 201, { name, certificate_data: certificate, key_data: privateKey });
  mustBe((await ask(reader, 'GET', `${PAIRS}${pk}/`, 200)).name, name);
  await ask(reader, 'GET', `${PAIRS}?name=${encodeURIComponent(name)}`, 200);
  const { data } = await ask(reader, 'GET', `${PAIRS}${pk}/view_private_key/`, 200);
  mustBe(data?.trim(), privateKey.trim());
  await ask(reader, 'PATCH', `${PAIRS}${pk}/`, 200, { name: `${name} again` });
  mustBe((await ask(writer, 'GET', `${PAIRS}${pk}/`, 200)).name, `${name} again`);
  await ask(reader, 'DELETE', `${PAIRS}${pk}/`, 204);
  await ask(writer, 'GET', `${PAIRS}${pk}/`, 404);
  // These stay.
  const generated = { common_name: `generated ${randomUUID()}`, validity_days: 30, alg: 'ecdsa' };
  const { pk: kept } = await ask(writer, 'POST', `${PAIRS}generate/`, 200, generated);
  await ask(reader, 'GET', `${PAIRS}${kept}/view_private_key/`, 200);
  const another = { certificate_data: renewed.certificate, key_data: renewed.privateKey };
  await ask(reader, 'PATCH', `${PAIRS}${kept}/`, 200, another);
};

const strata: Life = async (ask, writer, reader) => {
  const { id } = await ask(writer, 'POST', CURRENT, 201, soundBody());
  await ask(reader, 'GET', `${CURRENT}/${id}`, 200);
  await ask(reader, 'GET', `${CURRENT}?folder=Shared&limit=5`, 200);
  const whole = { format: 'pkcs12', passphrase: 'an old passphrase' };
  const file = (await ask(reader, 'POST', `${CURRENT}/${id}:export`, 201, whole)).certificate;
  const imported = { ...whole, name: `imported ${randomUUID()}`, folder: 'Shared', certificate_file: file };
  const { id: second } = await ask(reader, 'POST', `${CURRENT}:import`, 201, imported);
  await ask(writer, 'POST', `${CURRENT}/${second}:export`, 201, whole);
  await ask(reader, 'DELETE', `${CURRENT}/${id}`, 200);
  await ask(writer, 'DELETE', `${CURRENT}/${second}`, 200);
};

const astra =
  (account: string): Life =>
  async (ask, writer, reader) => {
    const path = certificatesOf(account);
    const { id } = await ask(writer, 'POST', path, 201, newBody());
    await ask(reader, 'GET', `${path}/${id}`, 200);
    await ask(reader, 'GET', path, 200);
    await ask(reader, 'DELETE', `${path}/${id}`, 204);
  };

/** What becomes of certificates in each of the three APIs: written by one, read, changed and deleted by another. */
export const livesIn = (account: string): Readonly<Record<string, Life>> => ({
  authentik,
  strata,
  astra: astra(account),
});
