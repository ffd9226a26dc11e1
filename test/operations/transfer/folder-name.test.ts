import { basename, join, normalize } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { folderName } from '../../../src/operations/transfer/folder-name.ts';

const aName = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom('.', '/', '\\', '%', '~', '2', 'e', 'E', ' ', '\n', '-'),
    minLength: 1,
    maxLength: 12,
  }),
);

describe('the folder of a pair', () => {
  it('is one plain component of a path, whatever the name', () => {
    fc.assert(
      fc.property(
        fc.oneof(aName, fc.string({ unit: 'binary', maxLength: 20 })),
        fc.constantFrom(1, 100),
        (text, times) => {
          const name = text.repeat(times);
          const folder = folderName(name);
          expect(folder).toMatch(/^[A-Za-z0-9_@+,=%~-][A-Za-z0-9_@+,=%~.-]*$/);
          expect(folder.length).toBeLessThanOrEqual(217);
          expect(basename(normalize(join('/out', folder)))).toBe(folder);
        },
      ),
    );
  });

  it('tells the name again, of those that are not cut', () => {
    fc.assert(
      fc.property(aName, (name) => {
        const folder = folderName(name);
        fc.pre(!folder.includes('~'));
        expect(decodeURIComponent(folder)).toBe(name);
      }),
    );
  });

  it('is another for each name', () => {
    fc.assert(
      fc.property(fc.uniqueArray(aName, { minLength: 2, maxLength: 50 }), (names) => {
        expect(new Set(names.map((name) => folderName(name))).size).toBe(names.length);
      }),
    );
  });

  it.each([
    ['web.example.com', 'web.example.com'],
    ['authentik Self-signed Certificate', 'authentik%20Self-signed%20Certificate'],
    ['*.example.com', '%2A.example.com'],
    ['..', '%2E.'],
    ['../../etc/passwd', '%2E.%2F..%2Fetc%2Fpasswd'],
    ['Zertifikat für Köln', 'Zertifikat%20f%C3%BCr%20K%C3%B6ln'],
  ])('of %s is %s', (name, folder) => {
    expect(folderName(name)).toBe(folder);
  });

  it('differs by more than case where another pair has it', () => {
    const taken = new Set(['web']);
    expect(folderName('Web', (folder) => taken.has(folder.toLowerCase()))).toMatch(/^Web~[0-9a-f]{16}$/);
  });

  it('never ends within an escape where it is cut', () => {
    for (let length = 190; length < 210; length++) {
      expect(folderName(`${'a'.repeat(length)}ß`.repeat(2))).not.toMatch(/%.?~/);
    }
  });
});
