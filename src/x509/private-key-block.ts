import { readPem } from './pem.ts';
import { KeyError } from './private-key-structure.ts';
import { stripAsPython, trimWhiteSpace } from './white-space.ts';

/** What the DER of a private key is: RFC 5208 §5, RFC 8017 §A.1.2, RFC 5915 §3, OpenSSL's own format, RFC 5208 §6. */
export type PrivateKeyForm = 'pkcs8' | 'pkcs1' | 'sec1' | 'dsa' | 'encrypted';

/** What the PEM block of each form is labelled. */
export const LABELS: Readonly<Record<PrivateKeyForm, string>> = {
  pkcs8: 'PRIVATE KEY',
  pkcs1: 'RSA PRIVATE KEY',
  sec1: 'EC PRIVATE KEY',
  dsa: 'DSA PRIVATE KEY',
  encrypted: 'ENCRYPTED PRIVATE KEY',
};

const FORMS: ReadonlyMap<string, PrivateKeyForm> = new Map(
  Object.entries(LABELS).map(([form, label]) => [label, form as PrivateKeyForm]),
);

export interface PrivateKeyBlock {
  readonly form: PrivateKeyForm;
  readonly der: Buffer;
  /** RFC 1421's, see `findHeader`. */
  readonly headers: readonly string[];
}

/**
 * The first private key block of a PEM text, encrypted or not (contract §1.3). Each line loses its blanks at both ends first, as
 * authentik does it. The label says what it is; whether that is true is not looked at.
 * @throws PemError, KeyError, BeyondLimits
 */
export function findPrivateKeyBlock(text: string): PrivateKeyBlock {
  for (const { label, headers, der } of readPem(text.split('\n').map(stripAsPython).join('\n'))) {
    const form = FORMS.get(label);
    if (form !== undefined) return { form, der, headers };
  }
  throw new KeyError('there is no private key block');
}

/** The value of a header; of several of a name, the last counts, as with pyca. Null without one. */
export function findHeader(headers: readonly string[], name: string): string | null {
  const header = headers.findLast((line) => trimWhiteSpace(line.slice(0, line.indexOf(':'))) === name);
  return header === undefined ? null : trimWhiteSpace(header.slice(header.indexOf(':') + 1));
}
