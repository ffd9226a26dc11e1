import { expect, test } from 'vitest';
import { opensslPair } from '../../support/openssl.ts';
import { PAIRS } from '../../support/server.ts';
import { SEALED, setScene } from '../support/tampering.ts';

test('a sealed certificate text in the place of the key, and the key in the text’s, are refused by name', async () => {
  const { create, tamper, expectRefused, server } = await setScene();
  // Not nothing but certificates: such a text is sealed whole.
  const certificate = `a comment\n${opensslPair('purpose.example').certificate}`;
  const [pair, other] = [await create('purpose', { certificate_data: certificate }), await create('other')];
  await tamper(
    'swapped with its pair’s certificate text',
    `UPDATE sealed_secrets s SET (${SEALED}) =
       (SELECT ${SEALED} FROM sealed_secrets o WHERE o.keypair_id = s.keypair_id AND o.purpose <> s.purpose)
     WHERE keypair_id = $1`,
    [pair.pk],
  );

  const text = await server.request('GET', `${PAIRS}${pair.pk}/view_certificate/`);
  expect(text.status).toBe(500);
  expect(await text.text()).not.toContain('PRIVATE');
  await expectRefused([pair], [other], 2);
});
