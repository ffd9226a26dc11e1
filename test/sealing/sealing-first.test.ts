import { randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { sealCanary } from '../../src/sealing/envelope.ts';
import { sealingFirst } from '../../src/sealing/index.ts';

function row(kek: Uint8Array, state: 'openable' | 'sealing' | 'retired') {
  const id = randomUUID();
  return { id, state, canary: sealCanary(kek, id), superseded: false };
}

test('the key-encryption key that seals stands in front, in whichever order they were given', () => {
  const [sealing, openable, unknown] = [randomBytes(32), randomBytes(32), randomBytes(32)];
  const rows = [row(openable, 'openable'), row(sealing, 'sealing')];

  expect(sealingFirst(rows, [openable, unknown, sealing])).toEqual([sealing, openable, unknown]);
  expect(sealingFirst(rows, [sealing, openable])).toEqual([sealing, openable]);
});

test('where none of them seals their order stays', () => {
  const keks = [randomBytes(32), randomBytes(32)] as const;

  expect(sealingFirst([row(randomBytes(32), 'sealing')], keks)).toEqual(keks);
});
