import { randomUUID } from 'node:crypto';
import type { PairBody } from '../../client.ts';
import type { Client } from '../client.ts';
import type { Journey } from '../pace.ts';

const TYPE = { type: 'application/astra-certificate', version: '1.1' };

/** What clients of Astra Control's API do in one account. */
export function astraJourneys(client: Client, pair: PairBody, account: string) {
  const certificates = `/accounts/${account}/core/v1/certificates`;
  const cert = Buffer.from(pair.certificate_data).toString('base64');

  const life: Journey = {
    name: 'astra, life of a certificate',
    requests: 7,
    async run() {
      const made = await client.send({
        kind: 'astra create',
        method: 'POST',
        path: certificates,
        body: { ...TYPE, cert, isSelfSigned: 'true' },
        expect: 201,
      });
      const { id } = JSON.parse(made.text) as { id: string };
      const path = `${certificates}/${id}`;
      const { headers } = await client.send({ kind: 'astra get', path, expect: 200 });
      const known = { 'if-none-match': headers.etag ?? '' };
      await client.send({ kind: 'astra get, unchanged', path, headers: known, expect: 304 });
      const filter = encodeURIComponent("trustState eq 'trusted'");
      await client.send({ kind: 'astra list', path: `${certificates}?filter=${filter}&limit=20`, expect: 200 });
      await client.send({ kind: 'astra bundle', path: `${certificates}/bundle.pem`, expect: 200 });
      const untrusted = { ...TYPE, trustStateDesired: 'untrusted' };
      await client.send({ kind: 'astra update', method: 'PUT', path, body: untrusted, expect: 204 });
      await client.send({ kind: 'astra delete', method: 'DELETE', path, expect: 204 });
    },
  };

  const refusals: Journey = {
    name: 'astra, refusals',
    requests: 4,
    async run() {
      const post = { method: 'POST', path: certificates, expect: 400 };
      await client.send({ kind: 'refused: no certificate', ...post, body: { ...TYPE, cert: 'bm9uZQ==' } });
      await client.send({ kind: 'unknown certificate', path: `${certificates}/${randomUUID()}`, expect: 404 });
      await client.send({ kind: 'unknown account', path: certificates.replace(account, randomUUID()), expect: 404 });
      const authorization = `Bearer certkeep_${randomUUID()}`;
      await client.send({ kind: 'wrong token', path: certificates, authorization, expect: 401 });
    },
  };

  return { life, refusals };
}
