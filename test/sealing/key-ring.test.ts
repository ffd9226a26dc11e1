import { randomBytes, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { openDatabase } from '../../src/database/index.ts';
import { opensCanary, sealCanary } from '../../src/sealing/envelope.ts';
import {
  KekMismatch,
  KekUnknown,
  type KeyRing,
  kekRepository,
  openKeyRing,
  type SealedIdentity,
  thisInstance,
} from '../../src/sealing/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

const IDENTITY: SealedIdentity = { purpose: 'private_key', rowId: randomUUID(), revision: 1 };
const SECRET = 'the secret';

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database.drop());

/** Opens the ring as a process of its own would: with connections of its own. */
async function open(...keks: [Uint8Array, ...Uint8Array[]]): Promise<KeyRing> {
  return openKeyRing(connect().repository, keks);
}

function connect() {
  const connected = openDatabase({
    url: database.url,
    poolSize: 1,
    timeoutMs: 30_000,
    preparedStatements: true,
    log: { warn() {} },
  });
  onTestFinished(() => connected.close());
  return { connected, repository: kekRepository(connected) };
}

const keks = () => database.query<{ id: string; state: string; canary: Buffer }>('SELECT id, state, canary FROM keks');

async function insert(state: string, kek: Uint8Array): Promise<string> {
  const id = randomUUID();
  await database.query('INSERT INTO keks (id, state, canary) VALUES ($1, $2, $3)', [
    id,
    state,
    Buffer.from(sealCanary(kek, id)),
  ]);
  return id;
}

describe('the key ring of an empty store', () => {
  it('writes one KEK, of which the database learns an id and a canary only', async () => {
    const kek = randomBytes(32);
    await open(kek);
    const rows = await keks();
    expect(rows).toEqual([{ id: expect.any(String), state: 'sealing', canary: expect.any(Buffer) }]);
    expect(rows[0]?.canary.includes(kek)).toBe(false);
    expect(rows[0]?.canary.includes('canary')).toBe(false);
  });

  it('names KEKs at random, not after the key', async () => {
    const kek = randomBytes(32);
    await open(kek);
    const [first] = await keks();
    await database.query('DELETE FROM keks');
    await open(kek);
    const [second] = await keks();
    expect(second?.id).not.toBe(first?.id);
  });

  it('begins with the first of several KEKs, and knows the others as openable', async () => {
    const [first, second] = [randomBytes(32), randomBytes(32)];
    const record = (await open(first, second)).seal(IDENTITY, SECRET);
    const rows = await keks();
    expect(rows.map(({ state }) => state).sort()).toEqual(['openable', 'sealing']);
    const sealing = rows.find(({ state }) => state === 'sealing');
    expect(record.kekId).toBe(sealing?.id);
    expect(opensCanary(first, sealing?.id ?? '', sealing?.canary ?? Buffer.of())).toBe(true);
    expect((await open(second, first)).open(IDENTITY, record)).toBe(SECRET);
    expect(await keks()).toEqual(rows);
    await expect(open(second)).rejects.toThrow(KekMismatch);
    // The second waits for its turn and has wrapped nothing.
    expect((await open(first)).open(IDENTITY, record)).toBe(SECRET);
  });

  it('knows each of two KEKs once, though ten processes bring them together, in both orders', async () => {
    const both = [randomBytes(32), randomBytes(32)] as const;
    await Promise.all(
      Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? open(both[0], both[1]) : open(both[1], both[0]))),
    );
    expect((await keks()).map(({ state }) => state).sort()).toEqual(['openable', 'sealing']);
  });

  it('is written once by ten processes that start together, and each can seal and open', async () => {
    const kek = randomBytes(32);
    const rings = await Promise.all(Array.from({ length: 10 }, () => open(kek)));
    expect(await keks()).toHaveLength(1);
    const records = rings.map((ring, index) => ring.seal(IDENTITY, `${SECRET} ${index}`));
    for (const ring of rings) {
      expect(records.map((record) => ring.open(IDENTITY, record))).toEqual(
        rings.map((_, index) => `${SECRET} ${index}`),
      );
    }
  });

  it('belongs to one of two KEKs with which processes start together; the others are refused', async () => {
    const both = [randomBytes(32), randomBytes(32)] as const;
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) => open(index % 2 === 0 ? both[0] : both[1])),
    );
    expect(await keks()).toHaveLength(1);
    const winners = outcomes.flatMap(({ status }, index) => (status === 'fulfilled' ? [index % 2] : []));
    expect(winners).toHaveLength(5);
    expect(new Set(winners).size).toBe(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') {
        expect(outcome.reason).toBeInstanceOf(KekMismatch);
      }
    }
  });
});

describe('the key ring of a store with a KEK', () => {
  it('opens again with it, and opens what another process sealed', async () => {
    const kek = randomBytes(32);
    const record = (await open(kek)).seal(IDENTITY, SECRET);
    expect((await open(kek)).open(IDENTITY, record)).toBe(SECRET);
    expect(await keks()).toHaveLength(1);
  });

  it('is refused to every other KEK, and the store stays as it was', async () => {
    await open(randomBytes(32));
    const before = await keks();
    const other = randomBytes(32);
    const refused = await open(other).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(KekMismatch);
    expect(refused).toMatchObject({ code: 'KEK_MISMATCH', message: expect.stringContaining(before[0]?.id ?? '?') });
    expect(String(refused)).not.toContain(other.toString('base64'));
    expect(String(refused)).not.toContain(other.toString('hex'));
    expect(await keks()).toEqual(before);
  });

  it('is refused to its own KEK where the canary stands under another id', async () => {
    const kek = randomBytes(32);
    await open(kek);
    await database.query('UPDATE keks SET id = $1', [randomUUID()]);
    await expect(open(kek)).rejects.toThrow(KekMismatch);
  });

  it('names the KEK in each record, and does not open what is under one that it lacks', async () => {
    const kek = randomBytes(32);
    const ring = await open(kek);
    const record = ring.seal(IDENTITY, SECRET);
    expect(record.kekId).toBe((await keks())[0]?.id);
    const elsewhere = { ...record, kekId: randomUUID() };
    expect(() => ring.open(IDENTITY, elsewhere)).toThrow(KekUnknown);
    expect(() => ring.open(IDENTITY, elsewhere)).toThrow(elsewhere.kekId);
    expect(() => ring.open(IDENTITY, elsewhere)).toThrow(IDENTITY.rowId);
  });
});

describe('the key ring of a store with several KEKs', () => {
  it('seals with the one that seals, and opens with each', async () => {
    const [old, current] = [randomBytes(32), randomBytes(32)];
    const oldId = await insert('sealing', old);
    const record = (await open(old)).seal(IDENTITY, SECRET);
    await database.query(`UPDATE keks SET state = 'openable' WHERE id = $1`, [oldId]);
    const currentId = await insert('sealing', current);
    const ring = await open(old, current);
    expect(ring.seal(IDENTITY, SECRET).kekId).toBe(currentId);
    expect(ring.open(IDENTITY, record)).toBe(SECRET);
    expect(ring.open(IDENTITY, ring.seal(IDENTITY, SECRET))).toBe(SECRET);
  });

  it('needs every KEK that may still have sealed something', async () => {
    const [old, current] = [randomBytes(32), randomBytes(32)];
    const oldId = await insert('openable', old);
    await database.query('UPDATE keks SET superseded = true WHERE id = $1', [oldId]);
    await insert('sealing', current);
    await expect(open(current)).rejects.toThrow(KekMismatch);
    await expect(open(old)).rejects.toThrow(KekMismatch);
  });

  it('needs none that only waits for its turn', async () => {
    const current = randomBytes(32);
    const waiting = await insert('openable', randomBytes(32));
    const currentId = await insert('sealing', current);
    const ring = await open(current);
    expect(ring.seal(IDENTITY, SECRET).kekId).toBe(currentId);
    expect([ring.holds(currentId), ring.holds(waiting)]).toEqual([true, false]);
  });

  it('needs no KEK that is retired', async () => {
    const current = randomBytes(32);
    await insert('retired', randomBytes(32));
    const currentId = await insert('sealing', current);
    expect((await open(current)).seal(IDENTITY, SECRET).kekId).toBe(currentId);
  });

  it('is refused where none of them seals', async () => {
    const kek = randomBytes(32);
    await insert('openable', kek);
    await expect(open(kek)).rejects.toThrow(/no KEK .* "sealing"/);
  });
});

describe('the key ring of a server', () => {
  it('is refused where a KEK that it lacks began to seal before it had announced itself, and leaves no announcement', async () => {
    const [old, young] = [randomBytes(32), randomBytes(32)];
    await open(old);
    const { connected, repository } = connect();
    const late = {
      ...repository,
      async announce(...parameters: Parameters<typeof repository.announce>) {
        await open(old, young);
        await database.query("UPDATE keks SET state = 'openable', superseded = true WHERE state = 'sealing'");
        await database.query("UPDATE keks SET state = 'sealing' WHERE NOT superseded");
        await repository.announce(...parameters);
      },
    };
    await expect(openKeyRing(late, [old], thisInstance())).rejects.toThrow(KekMismatch);
    expect(await connected.query('SELECT FROM kek_holders', [])).toEqual([]);
  });

  it('believes for five seconds which KEK seals, and then asks before it seals', async () => {
    const [old, young] = [randomBytes(32), randomBytes(32)];
    const ring = await open(old, young);
    const before = ring.seal(IDENTITY, SECRET).kekId;
    const start = performance.now();
    const clock = vi.spyOn(performance, 'now');
    onTestFinished(() => clock.mockRestore());
    await database.query(`UPDATE keks SET state = 'openable' WHERE id = $1`, [before]);
    await database.query(`UPDATE keks SET state = 'sealing' WHERE id <> $1`, [before]);

    const sealingId = () => ring.whileSealing(async () => ring.seal(IDENTITY, SECRET).kekId);
    clock.mockReturnValue(start + 4000);
    expect(await sealingId()).toBe(before);
    clock.mockReturnValue(start + 5001);
    expect(await sealingId()).not.toBe(before);
  });
});
