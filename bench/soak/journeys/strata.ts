import { randomUUID } from 'node:crypto';
import type { PairBody } from '../../client.ts';
import type { Client } from '../client.ts';
import type { Journey } from '../pace.ts';

const CERTIFICATES = '/config/identity/v1/certificates';
const PASSPHRASE = 'a passphrase of the soak';
const EC = { digest: 'sha256', algorithm: { ecdsa_number_of_bits: 256 } };

interface Made {
  readonly id: string;
}

/**
 * What clients of Strata Cloud Manager's API do, with an access token of its own each.
 *
 * @param credentials the identifier and the text of a Certkeep token, with a colon between
 */
export function strataJourneys(client: Client, pair: PairBody, credentials: string) {
  const basic = `Basic ${Buffer.from(credentials).toString('base64')}`;
  const signIn = async () => {
    const { access_token } = await client.json<{ access_token: string }>({
      kind: 'strata access token',
      method: 'POST',
      path: '/oauth2/access_token',
      authorization: basic,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials&scope=tsg_id:1234567890',
      expect: 200,
    });
    return { authorization: `Bearer ${access_token}` };
  };
  const post = { method: 'POST', path: CERTIFICATES, expect: 201 };

  const life: Journey = {
    name: 'strata, life of certificates',
    requests: 11,
    async run() {
      const caller = await signIn();
      const folder = `soak-${randomUUID()}`;
      const container = { folder };
      const remove = (id: string) =>
        client.send({ ...caller, kind: 'strata delete', method: 'DELETE', path: `${CERTIFICATES}/${id}`, expect: 200 });
      const send = (id: string, body: object) =>
        client.send({ ...caller, ...post, kind: 'strata export', path: `${CERTIFICATES}/${id}:export`, body });
      const ca = { ...EC, ...container, certificate_name: 'root', common_name: 'Soak', is_certificate_authority: true };
      const { id: root } = await client.json<Made>({ ...caller, ...post, kind: 'strata generate', body: ca });
      const signed = { ...EC, ...container, certificate_name: 'leaf', common_name: 'leaf.example', signed_by: 'root' };
      const { id: leaf } = await client.json<Made>({ ...caller, ...post, kind: 'strata generate', body: signed });
      const file = {
        ...container,
        name: 'imported',
        format: 'pem',
        certificate_file: Buffer.from(pair.certificate_data).toString('base64'),
        key_file: Buffer.from(pair.key_data).toString('base64'),
      };
      const importing = { ...caller, ...post, kind: 'strata import', path: `${CERTIFICATES}:import`, body: file };
      const { id: imported } = await client.json<Made>(importing);
      await client.send({ ...caller, kind: 'strata list', path: `${CERTIFICATES}?folder=${folder}`, expect: 200 });
      await client.send({ ...caller, kind: 'strata get', path: `${CERTIFICATES}/${leaf}`, expect: 200 });
      await send(leaf, { format: 'pem' });
      await send(imported, { format: 'pkcs12', passphrase: PASSPHRASE });
      await remove(imported);
      await remove(leaf);
      await remove(root);
    },
  };

  const refusals: Journey = {
    name: 'strata, refusals',
    requests: 6,
    async run() {
      const caller = await signIn();
      await client.send({ ...caller, ...post, kind: 'refused: no algorithm', body: { folder: 'Soak' }, expect: 400 });
      const id = randomUUID();
      await client.send({ ...caller, kind: 'unknown certificate', path: `${CERTIFICATES}/${id}`, expect: 404 });
      await client.send({ ...caller, kind: 'refused: no folder', path: CERTIFICATES, expect: 400 });
      const authorization = 'Bearer eyJhbGciOiJub25lIn0.e30.';
      await client.send({ kind: 'wrong token', path: `${CERTIFICATES}?folder=Soak`, authorization, expect: 401 });
      await client.send({ kind: 'JWKS', path: '/oauth2/connect/jwk_uri', expect: 200 });
    },
  };

  return { life, refusals };
}
