import { test } from 'vitest';
import { SEALED, setScene } from '../support/tampering.ts';

test('sealed keys that were swapped between two pairs are refused by name, and a rotation leaves both', async () => {
  const { create, tamper, expectRefused } = await setScene();
  const [one, two, other] = [await create('one'), await create('two'), await create('other')];
  await tamper(
    'swapped with another pair’s',
    `UPDATE sealed_secrets s SET (${SEALED}) = (SELECT ${SEALED} FROM sealed_secrets o WHERE o.keypair_id = $1::uuid
       AND s.keypair_id = $2::uuid OR o.keypair_id = $2::uuid AND s.keypair_id = $1::uuid)
     WHERE keypair_id IN ($1::uuid, $2::uuid)`,
    [one.pk, two.pk],
  );

  await expectRefused([one, two], [other]);
});
