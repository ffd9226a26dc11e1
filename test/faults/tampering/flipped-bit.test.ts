import { expect, test } from 'vitest';
import { opensslPair } from '../../support/openssl.ts';
import { PAIRS } from '../../support/server.ts';
import { setScene } from '../support/tampering.ts';

const COLUMNS = ['ciphertext', 'tag', 'nonce', 'wrapped_key', 'wrap_nonce'];

test('a sealed key with one bit flipped in any of its columns is refused by name, and a rotation leaves it', async () => {
  const { create, tamper, expectRefused } = await setScene();
  const other = await create('other');
  const tampered = [];
  for (const [index, column] of COLUMNS.entries()) {
    const pair = await create(column);
    tampered.push(pair);
    await tamper(
      `with a bit flipped in ${column}`,
      `UPDATE sealed_secrets SET ${column} = set_bit(${column}, $2, 1 - get_bit(${column}, $2)) WHERE keypair_id = $1`,
      [pair.pk, 17 * (index + 1)],
    );
  }

  await expectRefused(tampered, [other]);
});

test('a pair whose key was tampered with can be given a new one, and then is rotated', async () => {
  const { create, tamper, expectRefused, server } = await setScene();
  const pair = await create('mended');
  await tamper(
    'with another tag',
    'UPDATE sealed_secrets SET tag = set_bit(tag, 0, 1 - get_bit(tag, 0)) WHERE keypair_id = $1',
    [pair.pk],
  );
  const { privateKey } = opensslPair();
  expect((await server.request('PATCH', `${PAIRS}${pair.pk}/`, { key_data: privateKey })).status).toBe(200);

  await expectRefused([], [{ ...pair, privateKey: privateKey.trim() }]);
});
