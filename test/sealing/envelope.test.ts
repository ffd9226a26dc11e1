import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Bytes,
  FORMAT_VERSION,
  openSecret,
  type SealedIdentity,
  type SealedRecord,
  sealSecret,
} from '../../src/sealing/envelope.ts';
import { SealBroken } from '../../src/sealing/index.ts';

const KEK = randomBytes(32);
const IDENTITY: SealedIdentity = { purpose: 'private_key', rowId: randomUUID(), revision: 3 };
const SECRET = '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----';
const PARTS = ['wrapNonce', 'wrappedKey', 'nonce', 'ciphertext', 'tag'] as const;

/** Opening must fail, name the pair, and give nothing away. */
function expectBroken(record: SealedRecord, identity = IDENTITY, kek: Uint8Array = KEK): void {
  let thrown: unknown;
  try {
    openSecret(kek, identity, record);
  } catch (error) {
    thrown = error;
  }
  if (!(thrown instanceof SealBroken)) {
    throw new Error(`expected SealBroken, got ${String(thrown)}`);
  }
  expect(thrown.code).toBe('SEAL_BROKEN');
  expect(thrown.message).toContain(identity.rowId);
  expect(thrown.message).toContain(identity.purpose);
  expect(thrown.cause).toBeUndefined();
  for (const form of [SECRET.slice(28, 52), KEK.toString('base64'), KEK.toString('hex')]) {
    expect(`${thrown.message}${thrown.stack}`).not.toContain(form);
  }
}

const changed = (
  record: SealedRecord,
  part: (typeof PARTS)[number],
  change: (bytes: Bytes) => Bytes,
): SealedRecord => ({
  ...record,
  [part]: change(Uint8Array.from(record[part])),
});

const identities = fc.record({
  purpose: fc.constantFrom('private_key' as const, 'certificate_data' as const),
  rowId: fc.uuid(),
  revision: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
});

describe('a sealed secret', () => {
  it('opens to the same text', () => {
    fc.assert(
      fc.property(identities, fc.string({ unit: 'binary' }), (identity, secret) => {
        expect(openSecret(KEK, identity, sealSecret(KEK, identity, secret))).toBe(secret);
      }),
    );
  });

  it('opens to the same text at every size up to a MiB', () => {
    const sizes = fc.oneof(fc.nat(64), fc.nat(2 ** 20), fc.constantFrom(0, 2 ** 16, 2 ** 20));
    fc.assert(
      fc.property(sizes, fc.constantFrom('x', 'é', '漢', '😀'), (size, character) => {
        const secret = character.repeat(size / Buffer.byteLength(character));
        expect(openSecret(KEK, IDENTITY, sealSecret(KEK, IDENTITY, secret)) === secret).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('shares no nonce, no ciphertext and no wrapped key with another sealing of the same secret', () => {
    const records = Array.from({ length: 20 }, () => sealSecret(KEK, IDENTITY, SECRET));
    const values = records.flatMap((record) => PARTS.map((part) => Buffer.from(record[part]).toString('hex')));
    expect(new Set(values).size).toBe(records.length * PARTS.length);
  });

  it('has the lengths that the database requires, and as many bytes of ciphertext as of text', () => {
    const record = sealSecret(KEK, IDENTITY, SECRET);
    expect(PARTS.map((part) => record[part].length)).toEqual([12, 48, 12, SECRET.length, 16]);
  });

  it('does not hold the text', () => {
    const record = sealSecret(KEK, IDENTITY, SECRET);
    expect(Buffer.concat(PARTS.map((part) => record[part])).includes('PRIVATE')).toBe(false);
  });
});

describe('a record of format 1', () => {
  // Made by Python's `cryptography`: AES-256-GCM under the KEK 00 01 … 1f and the data key 64 65 … 83.
  const kek = Uint8Array.from({ length: 32 }, (_, index) => index);
  const identity: SealedIdentity = {
    purpose: 'private_key',
    rowId: '0f8b0c1e-6d2a-4c3b-9a55-3f1f5d2c7e90',
    revision: 7,
  };
  const record: SealedRecord = {
    formatVersion: 1,
    wrapNonce: Uint8Array.from({ length: 12 }, (_, index) => 200 + index),
    wrappedKey: hex('751d07bceea5914b185171d16e77996794f29adf7c12d25f91d4459e5a10296a33ad0d9584bf725a5e77930f5abe7597'),
    nonce: Uint8Array.from({ length: 12 }, (_, index) => 220 + index),
    ciphertext: hex(
      '8d25bc8791e77d059365639f8ce5419b58d250ca333bc62ff4643fbad2f852d22e784959a627b28309c47c32df02b9f3fdeaa30c60d25c549b0e0d7ab11d88a1d2',
    ),
    tag: hex('8566d8955c4da1783d85e210f0534b76'),
  };

  it('that other software made opens here, so that what is stored today opens for ever', () => {
    const secret = '-----BEGIN PRIVATE KEY-----\nÄ 漢 😀\n-----END PRIVATE KEY-----';
    expect(openSecret(kek, identity, record)).toBe(secret);
  });

  it('is what is sealed today', () => {
    expect(FORMAT_VERSION).toBe(1);
    expect(sealSecret(KEK, IDENTITY, SECRET).formatVersion).toBe(1);
  });
});

describe('a record does not open', () => {
  const record = sealSecret(KEK, IDENTITY, SECRET);
  const places = fc.tuple(fc.constantFrom(...PARTS), fc.nat(), fc.nat(7));

  it('with any single bit changed', () => {
    fc.assert(
      fc.property(places, ([part, at, bit]) => {
        expectBroken(
          changed(record, part, (bytes) => {
            const place = at % bytes.length;
            bytes[place] = (bytes[place] ?? 0) ^ (1 << bit);
            return bytes;
          }),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('with any part shortened or lengthened', () => {
    fc.assert(
      fc.property(places, ([part, at]) => {
        expectBroken(changed(record, part, (bytes) => bytes.slice(0, at % bytes.length)));
        expectBroken(changed(record, part, (bytes) => Uint8Array.from([...bytes, at % 256])));
      }),
    );
  });

  it('in another row, for another purpose or at another revision', () => {
    fc.assert(
      fc.property(identities, (identity) => {
        fc.pre(identity.rowId !== IDENTITY.rowId);
        expectBroken(record, identity);
      }),
    );
    expectBroken(record, { ...IDENTITY, rowId: randomUUID() });
    expectBroken(record, { ...IDENTITY, purpose: 'certificate_data' });
    expectBroken(record, { ...IDENTITY, revision: 2 });
    expectBroken(record, { ...IDENTITY, revision: 4 });
    expectBroken(record, { ...IDENTITY, revision: 3 + 2 ** 32 });
  });

  it('with the wrapped key, or the sealed text, of another record of the same row', () => {
    const other = sealSecret(KEK, IDENTITY, SECRET);
    expectBroken({ ...record, wrapNonce: other.wrapNonce, wrappedKey: other.wrappedKey });
    expectBroken({ ...other, wrapNonce: record.wrapNonce, wrappedKey: record.wrappedKey });
  });

  it('when either layer alone is sealed anew for another identity', () => {
    const moved = { ...IDENTITY, revision: 4 };
    const wrapped = { nonce: record.wrapNonce, bytes: record.wrappedKey };
    const sealed = { nonce: record.nonce, bytes: Buffer.concat([record.ciphertext, record.tag]) };
    const dataKey = gcm.open(KEK, wrapped, IDENTITY);

    const wrappedAnew = gcm.seal(KEK, dataKey, moved);
    const sealedAnew = gcm.seal(dataKey, gcm.open(dataKey, sealed, IDENTITY), moved);
    const withKey = { ...record, wrapNonce: wrappedAnew.nonce, wrappedKey: wrappedAnew.bytes };
    const text = { ciphertext: sealedAnew.bytes.subarray(0, -16), tag: sealedAnew.bytes.subarray(-16) };
    const withText = { ...record, nonce: sealedAnew.nonce, ...text };
    expectBroken(withKey, moved);
    expectBroken(withText, moved);
    expect(openSecret(KEK, moved, { ...withKey, nonce: sealedAnew.nonce, ...text })).toBe(SECRET);
  });

  it('under another key-encryption key', () => {
    expectBroken(record, IDENTITY, randomBytes(32));
    expectBroken(
      record,
      IDENTITY,
      Uint8Array.from(KEK, (byte, index) => (index === 31 ? byte ^ 1 : byte)),
    );
  });

  it.each([0, 2, 257, -1, Number.NaN])('in format %d, which nobody knows', (formatVersion) => {
    expectBroken({ ...record, formatVersion });
  });
});

function hex(text: string): Bytes {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

/** The layers of format 1 by hand, as whoever holds the KEK could make them. */
const gcm = {
  seal(key: Uint8Array, text: Uint8Array, identity: SealedIdentity) {
    const nonce = Uint8Array.from(randomBytes(12));
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(associatedData(identity));
    return { nonce, bytes: Uint8Array.from([...cipher.update(text), ...cipher.final(), ...cipher.getAuthTag()]) };
  },
  open(key: Uint8Array, { nonce, bytes }: { nonce: Uint8Array; bytes: Uint8Array }, identity: SealedIdentity) {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(associatedData(identity));
    decipher.setAuthTag(bytes.subarray(-16));
    return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]);
  },
};

function associatedData({ purpose, rowId, revision }: SealedIdentity): Buffer {
  const counter = Buffer.alloc(8);
  counter.writeUInt32BE(revision, 4);
  const row = Buffer.from(rowId.replaceAll('-', ''), 'hex');
  return Buffer.concat([Buffer.from([1, purpose.length]), Buffer.from(purpose), row, counter]);
}
