import { opensslPair, type PemPair } from '../../../support/openssl.ts';

const onCurve = (curve: string) => ['-newkey', 'ec', '-pkeyopt', `ec_paramgen_curve:${curve}`];

/** Keys under 112 bits of security (NIST SP 800-57 Part 1, Table 2), and what a refusal calls them. */
export function weakPairs(): ReadonlyArray<readonly [words: string, pair: PemPair]> {
  return [
    ['RSA key of 1024 bits', opensslPair('rsa.weak', ['-newkey', 'rsa:1024'])],
    ['prime192v1', opensslPair('p192.weak', onCurve('prime192v1'))],
    // One that pyca does not know, and of which nothing but its name is stored.
    ['secp160r1', opensslPair('p160.weak', onCurve('secp160r1'))],
  ];
}
