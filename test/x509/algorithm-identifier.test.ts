import { describe, expect, test } from 'vitest';
import { loadCertificate, NotACertificate } from '../../src/x509/index.ts';
import { algorithmCases } from './support/algorithm-cases.ts';
import { certificate, pem } from './support/der.ts';

const load = (signatureAlgorithm: Buffer): unknown =>
  loadCertificate(pem('CERTIFICATE', certificate({ signatureAlgorithm })));

describe('the parameters that pyca takes of an algorithm are taken', () => {
  const accepted = algorithmCases.filter((one) => one.accepted);
  test.each(accepted)('$name', ({ algorithm }) => expect(() => load(algorithm)).not.toThrow());
});

describe('the parameters that pyca refuses are refused', () => {
  const refused = algorithmCases.filter((one) => !one.accepted);
  test.each(refused)('$name', ({ algorithm }) => expect(() => load(algorithm)).toThrow(NotACertificate));
});
