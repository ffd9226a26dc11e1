import { expect, test } from 'vitest';
import { openAuthority } from '../../../src/x509/index.ts';
import { opensslPair } from '../../support/openssl.ts';

/** A CA with one more extension, made by openssl. */
function authorityWith(...extensions: readonly string[]) {
  const added = extensions.flatMap((extension) => ['-addext', extension]);
  return opensslPair('Constrained CA', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', ...added]);
}

test.each([
  ['nameConstraints', 'nameConstraints=critical,permitted;DNS:inside.example'],
  ['nameConstraints that are not critical', 'nameConstraints=permitted;DNS:inside.example'],
  ['a critical extension that nobody knows', '1.2.3.4=critical,DER:0500'],
])('a signer with %s is refused, since nobody checks what it signs against that', (_, extension) => {
  const { certificate, privateKey } = authorityWith(extension);
  expect(() => openAuthority(certificate, privateKey)).toThrow(expect.objectContaining({ code: 'SIGNER_CONSTRAINED' }));
});

test.each([
  ['critical policies', 'certificatePolicies=critical,1.2.3.4'],
  ['an unknown extension that is not critical', '1.2.3.4=DER:0500'],
])('a signer with %s signs', (_, extension) => {
  const { certificate, privateKey } = authorityWith(extension);
  expect(openAuthority(certificate, privateKey).pathLength).toBeNull();
});
