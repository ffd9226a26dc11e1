import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeNul, unescapeNul } from '../../src/keypairs/escaped-text.ts';

const text = fc.string({ unit: fc.constantFrom('\0', '\\', '0', 'a', 'é', '😀'), maxLength: 40 });

describe('a text that is escaped for jsonb', () => {
  test('has no null character, and comes back as it was', () => {
    fc.assert(
      fc.property(text, (given) => {
        expect(escapeNul(given)).not.toContain('\0');
        expect(unescapeNul(escapeNul(given))).toBe(given);
      }),
    );
  });

  test('of nothing to escape is itself', () => {
    expect(escapeNul('CN=é😀,O=0')).toBe('CN=é😀,O=0');
  });
});
