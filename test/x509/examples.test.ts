import { describe, expect, test } from 'vitest';
import * as x509 from '../../src/x509/index.ts';
import { makeExampleConstants } from './support/example-constants.ts';
import { examplesOf, runExample } from './support/examples.ts';
import { publicFunctions } from './support/public-functions.ts';
import { exportedFunctions, readSource, sourceFiles } from './support/source-scan.ts';

const functions = publicFunctions();
const constants = makeExampleConstants();
const scope: Record<string, unknown> = { ...x509, ...constants };

test('the scan of the sources finds each function that index.ts exports, and nothing else', () => {
  const isFunction = (value: unknown): boolean => typeof value === 'function' && !`${value}`.startsWith('class');
  const exported = Object.entries(x509).filter(([, value]) => isFunction(value));
  expect([...functions.keys()].sort()).toEqual(exported.map(([name]) => name).sort());
});

describe('what the example of a public function says is so', () => {
  test.each([...functions])('%s', async (name, { path, comment }) => {
    const examples = examplesOf(comment ?? '');
    expect(examples.length, `examples in the TSDoc comment of ${name} in ${path}`).toBeGreaterThan(0);
    for (const example of examples) await runExample(example, scope);
  });
});

describe('every exported function says in a TSDoc comment what it is for', () => {
  test.each(sourceFiles())('%s', (path) => {
    const silent = exportedFunctions(readSource(path)).filter(({ comment }) => (comment ?? '') === '');
    expect(silent.map(({ name }) => name)).toEqual([]);
  });
});

describe('an example that is not so fails', () => {
  test.each<[string, string]>([
    ['another value', 'loadCertificate(certificatePem).facts.curve; // → "secp384r1"'],
    ['another member of an object', '({ a: 1, b: [2] }); // → { a: 1, b: [3] }'],
    ['no error', 'loadCertificate(certificatePem); // throws NOT_A_CERTIFICATE'],
    ['another error', "loadCertificate(''); // throws NOT_A_PRIVATE_KEY"],
    ['no assertion', 'const { facts } = loadCertificate(certificatePem);'],
    ['no JavaScript', 'loadCertificate(; // → 1'],
    ['nothing at all', ''],
  ])('%s', async (_, example) => {
    await expect(runExample(example, scope)).rejects.toThrow();
  });

  test.each<[string, string]>([
    ['a value', "const text = 'a; b';\ntext; // → 'a; b'"],
    ['a promise', 'await Promise.resolve([1]); // → [1]'],
    ['an error', "loadCertificate(''); // throws NOT_A_CERTIFICATE"],
    ['a rejection', "Promise.reject({ code: 'E_1' }); // throws E_1"],
  ])('and one that is so does not: %s', (_, example) => expect(runExample(example, scope)).resolves.toBeUndefined());
});

describe('the scan sees', () => {
  test.each<[string, string, Record<string, string | null>]>([
    ['a function', '/** One. */\nexport function one(): void {}\n', { one: 'One.' }],
    ['an asynchronous one', '/**\n * One.\n * Two.\n */\nexport async function one() {}\n', { one: 'One.\nTwo.' }],
    ['an arrow function', '/** One. */\nexport const one = (a: number): number => a;\n', { one: 'One.' }],
    ['one of many lines', '/** One. */\nexport const one =\n  (a: number) =>\n  (b: number) => a;\n', { one: 'One.' }],
    ['one with a type', '/** One. */\nexport const one: (a: A) => B = (a) => a;\n', { one: 'One.' }],
    ['a missing comment', '/** Of another. */\nconst two = 2;\nexport function one() {}\n', { one: null }],
    ['a plain comment as none', '// One.\nexport function one() {}\n', { one: null }],
    ['the first of overloads', '/** 1 */\nexport function one(): A;\nexport function one(a?: B) {}\n', { one: '1' }],
    ['no constant', 'export const ONE = [1].map((a) => a);\nexport const two = (1 + 2) * 3;\n', {}],
    ['no class, type or private function', 'export class A {}\nexport type B = () => A;\nfunction one() {}\n', {}],
  ])('%s', (_, source, expected) => {
    expect(Object.fromEntries(exportedFunctions(source).map(({ name, comment }) => [name, comment]))).toEqual(expected);
  });
});

test('the constants of the examples are what the rules for examples promise', () => {
  const { certificatePem, privateKeyPem, chainPem } = constants;
  const { facts } = x509.loadCertificate(certificatePem);
  expect(facts).toMatchObject({ subject: 'C=DE,O=Example,CN=example.com', curve: 'prime256v1', selfSigned: true });
  expect(privateKeyPem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  expect(x509.belongTogether({ facts }, x509.loadPrivateKey(privateKeyPem))).toBe(true);
  expect(x509.loadCertificate(chainPem).facts).toMatchObject({
    subject: 'CN=leaf.example.com',
    issuer: 'CN=Example CA',
    isCa: false,
  });
});
