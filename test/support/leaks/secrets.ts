import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { needlesOf } from './needles.ts';

const PRIVATE_KEY = /-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----.*?-----END \1PRIVATE KEY-----/gs;

/** Remembers a secret of a test: no log of the run may hold it. */
export function registerSecret(kind: string, secret: string): void {
  // The fuzzer and the benchmarks make their keys by the same helpers, and have no log.
  if (process.env['VITEST'] === undefined) {
    return;
  }
  const lines = needlesOf(secret).map((needle) => `${kind}\t${needle}\n`);
  appendFileSync(join(inject('logDirectory'), `${process.pid}.secrets`), lines.join(''));
}

/**
 * Remembers each private key in PEM that a text holds.
 *
 * @returns the text
 */
export function registerPrivateKeys(text: string): string {
  for (const [pem] of text.matchAll(PRIVATE_KEY)) {
    registerSecret('private-key', pem);
  }
  return text;
}
