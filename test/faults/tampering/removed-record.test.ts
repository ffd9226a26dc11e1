import { test } from 'vitest';
import { setScene } from '../support/tampering.ts';

test('a sealed key that was removed is missed by name, by a rotation too', async () => {
  const { create, tamper, expectRefused } = await setScene();
  const [pair, other] = [await create('removed'), await create('other')];
  await tamper('removed', 'DELETE FROM sealed_secrets WHERE keypair_id = $1', [pair.pk]);

  await expectRefused([pair], [other]);
});
