import { expect, test } from 'vitest';
import { opensslPair } from '../../support/openssl.ts';
import { PAIRS } from '../../support/server.ts';
import { SEALED, setScene } from '../support/tampering.ts';

test('an earlier revision of a sealed key that was put back is refused, with its own revision number too', async () => {
  const { create, tamper, expectRefused, server } = await setScene();
  const [pair, other] = [await create('old'), await create('other')];
  const [row = {}] = await server.database.query('SELECT * FROM sealed_secrets WHERE keypair_id = $1', [pair.pk]);
  const changed = await server.request('PATCH', `${PAIRS}${pair.pk}/`, { key_data: opensslPair().privateKey });
  expect(changed.status).toBe(200);
  const values = [row['revision'], ...SEALED.split(', ').map((column) => row[column])];
  await tamper(
    'put back',
    `UPDATE sealed_secrets SET (revision, ${SEALED}) = ($2, $3, $4, $5, $6, $7, $8, $9) WHERE keypair_id = $1`,
    [pair.pk, ...values],
  );

  await expectRefused([pair], [other]);
});
