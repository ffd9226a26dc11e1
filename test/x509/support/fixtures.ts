import { readFileSync } from 'node:fs';

/** One certificate of Mozilla's root store and what pyca says of it (../conformance/README.md). */
export interface MozillaCertificate {
  readonly id: string;
  readonly pem: string;
  readonly subject: string;
  readonly sha256: string;
  readonly sha1: string;
  readonly expiry: string;
  readonly key_type: string;
}

/**
 * One text and pyca's verdict. Made by mutating certificates and keys of openssl, and PEM around them, at random, and asking
 * cryptography 49.0.0 the way authentik does; a sample of 156,000 such cases, at least one of every reason for a refusal.
 */
export interface PycaVerdict {
  readonly kind: 'certificate' | 'privateKey';
  readonly text: string;
  readonly accepted: boolean;
  readonly facts?: Readonly<Record<string, string | null>>;
  readonly why?: string;
}

/** A recorded request and answer of authentik. */
export interface Recording {
  readonly id: string;
  readonly method: string;
  readonly body?: { readonly certificate_data?: string; readonly key_data?: string };
  readonly expect: { readonly status: number; readonly json?: Readonly<Record<string, unknown>> };
}

export const mozillaCertificates = (): MozillaCertificate[] =>
  readJsonLines('../../conformance/mozilla-certificates.jsonl');
export const pycaVerdicts = (): PycaVerdict[] => readJsonLines('../fixtures/pyca-verdicts.jsonl');
export const authentikRecordings = (): Recording[] => readJsonLines('../../conformance/authentik.jsonl');

function readJsonLines<T>(path: string): T[] {
  const lines = readFileSync(new URL(path, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as T);
}
