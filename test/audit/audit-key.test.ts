import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { AuditKeyMalformed, deriveAuditKeys, generateAuditKey, parseAuditKeys } from '../../src/audit/index.ts';
import { macOf } from '../../src/audit/mac.ts';

test('keys stand with white space or commas between them, the one that authenticates first', () => {
  const texts = [generateAuditKey(), generateAuditKey(), generateAuditKey()];
  const { current, all } = parseAuditKeys(` ${texts[0]},${texts[1]} \n${texts[2]}\n`);

  expect(all.map(({ key }) => Buffer.from(key).toString('base64'))).toEqual(texts);
  expect(current).toBe(all[0]);
  expect(new Set(all.map(({ id }) => id)).size).toBe(3);
});

test.each([
  ['no key', ' , ', 'holds no key'],
  ['31 bytes', randomBytes(31).toString('base64'), 'Key 1 '],
  ['hexadecimal', randomBytes(32).toString('hex'), 'Key 1 '],
  ['base64url', Buffer.alloc(32, 0xff).toString('base64url'), 'Key 1 '],
  ['a second that is cut', `${generateAuditKey()} ${generateAuditKey().slice(1)}`, 'Key 2 '],
  ['bits that are not used', `${'A'.repeat(42)}B=`, 'Key 1 '],
])('%s is refused by position, and the text is not told', (_, text, told) => {
  const refusal = (() => {
    try {
      return parseAuditKeys(text);
    } catch (error) {
      return error;
    }
  })();

  expect(refusal).toBeInstanceOf(AuditKeyMalformed);
  expect(String(refusal)).toContain(told);
  for (const part of text.split(/[\s,]+/).filter((each) => each.length > 8)) {
    expect(String(refusal)).not.toContain(part);
  }
});

test('without a key of its own the trail is authenticated by HKDF-SHA256 of the key-encryption keys', () => {
  const keks = [randomBytes(32), randomBytes(32)] as const;
  const { current, all } = deriveAuditKeys(keks);

  expect(all).toHaveLength(2);
  expect(Buffer.from(current.key)).toEqual(Buffer.from(hkdfSync('sha256', keks[0], '', 'certkeep audit key', 32)));
  expect(Buffer.from(current.key)).not.toEqual(keks[0]);
});

test('a MAC is HMAC-SHA256 over the label and each field with its length before it', () => {
  const { current } = parseAuditKeys(generateAuditKey());
  const octets = Buffer.concat([
    ...[Buffer.from('label\0'), Buffer.from([0, 0, 0, 2]), Buffer.from('é')],
    ...[Buffer.from([255, 255, 255, 255]), Buffer.from([0, 0, 0, 0])],
  ]);

  expect(Buffer.from(macOf(current, 'label', ['é', null, '']))).toEqual(
    createHmac('sha256', current.key).update(octets).digest(),
  );
});
