import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPassedOver, pairName } from '../../../src/operations/discovery/file-rules.ts';

const segment = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((text) => !/[/\0]/.test(text) && text !== '.' && text !== '..');
const suffix = fc.stringMatching(/^[a-z]{1,5}$/);

test('a name with a suffix loses the last one alone, whatever is in it, and whatever folders it is in', () => {
  fc.assert(
    fc.property(fc.array(segment), segment, suffix, (folders, stem, last) => {
      fc.pre(!['fullchain.pem', 'privkey.pem', 'tls.crt', 'tls.key'].includes(`${stem}.${last}`));
      expect(pairName(`/${[...folders, `${stem}.${last}`].join('/')}`)).toBe(stem);
    }),
  );
});

test('the halves that every pair has are named by their folder, and both halves alike', () => {
  const halves = fc.constantFrom(['fullchain.pem', 'privkey.pem'], ['tls.crt', 'tls.key']);
  fc.assert(
    fc.property(fc.array(segment), segment, halves, (folders, folder, names) => {
      const path = `/${[...folders, folder].join('/')}`;
      expect(names.map((name) => pairName(`${path}/${name}`))).toEqual([folder, folder]);
    }),
  );
});

test.each([
  ['/certs/a', 'a'],
  ['/certs/a.', 'a.'],
  ['/certs/a.b.c', 'a.b'],
  ['/certs/FULLCHAIN.pem', 'FULLCHAIN'],
  ['/tls.crt', ''],
])('%s belongs to %j', (path, name) => {
  expect(pairName(path)).toBe(name);
});

test('a path is passed over for "archive" anywhere in it, for what is hidden, and for what stands beside pairs', () => {
  const passed = ['archive', 'a/archive/b.pem', 'a/myarchive.pem', '.hidden', 'a/..data', 'a/ca.crt', 'key.der'];
  expect(passed.filter((path) => !isPassedOver(path))).toEqual([]);
  expect(['a.pem', 'Archive/a.pem', 'a/ca.pem', 'a/b.ca.crt', 'live'].filter(isPassedOver)).toEqual([]);
});
