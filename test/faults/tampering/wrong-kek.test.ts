import { randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { sealCanary } from '../../../src/sealing/envelope.ts';
import { KekRefused } from '../../../src/sealing/index.ts';
import { PAIRS } from '../../support/server.ts';
import { commandOn } from '../../support/store.ts';
import { setScene } from '../support/tampering.ts';

const CLAIM = 'UPDATE sealed_secrets SET kek_id = $2 WHERE keypair_id = $1';

test('a sealed key that claims to be under another KEK is refused by name, and every other pair keeps working', async () => {
  const { create, tamper, expectRefused, keks } = await setScene();
  const [pair, other] = [await create('claims'), await create('other')];
  await tamper('said to be under another KEK', CLAIM, [pair.pk, keks.openable]);

  // To the rotation it is one that is done.
  await expectRefused([pair], [other], 0);
});

test('a sealed key under a KEK that the server does not hold is refused by name, that pair’s alone', async () => {
  const { create, tamper, server } = await setScene();
  const [pair, other] = [await create('unknown'), await create('other')];
  const [id, kek] = [randomUUID(), randomBytes(32)];
  await server.database.query(`INSERT INTO keks (id, state, canary) VALUES ($1, 'openable', $2)`, [
    id,
    Buffer.from(sealCanary(kek, id)),
  ]);
  await tamper('said to be under a KEK that nobody holds', CLAIM, [pair.pk, id]);

  const answer = await server.request('GET', `${PAIRS}${pair.pk}/view_private_key/`);
  // Another replica may hold it.
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '30']);
  const told = server.log().map((line) => JSON.stringify(line));
  // An error: it may be for ever, and then is no passing trouble.
  expect(told.filter((line) => line.includes(`keypair ${pair.pk} is sealed with KEK ${id}`))).toEqual([
    expect.stringContaining('"level":50'),
  ]);
  const working = await server.request('GET', `${PAIRS}${other.pk}/view_private_key/`);
  expect(await working.json()).toEqual({ data: other.privateKey });
});

test('a sealed key can not be put under a KEK that is retired, nor under none', async () => {
  const { create, server, keks } = await setScene();
  const { pk } = await create('retired');
  const store = await commandOn(server.database, server.kek);
  expect(await store.keks.retire(keks.openable)).toBe(true);
  expect(await store.keks.retire(keks.sealing).catch((error: unknown) => error)).toBeInstanceOf(KekRefused);

  for (const id of [keks.openable, randomUUID()]) {
    await expect(server.database.query(CLAIM, [pk, id])).rejects.toMatchObject({ code: '23503' });
  }
  await expect(
    server.database.query(`UPDATE sealed_secrets SET kek_id = $2, kek_usable = false WHERE keypair_id = $1`, [
      pk,
      keks.openable,
    ]),
  ).rejects.toMatchObject({ code: '23514' });
});
