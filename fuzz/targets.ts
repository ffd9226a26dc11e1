import { createPrivateKey, X509Certificate } from 'node:crypto';
import {
  BeyondLimits,
  containsPrivateKey,
  holdsOnlyCertificates,
  loadCertificate,
  loadCertificateDer,
  loadPrivateKey,
  loadPrivateKeyDer,
  readCertificateRequest,
  readPkcs12,
} from '../src/x509/index.ts';
import { type PemBlock, PemError, readPem } from '../src/x509/pem.ts';
import { stripAsPython } from '../src/x509/white-space.ts';
import { PASSPHRASE } from './corpus/pkcs12.ts';
import { type SeedKind, wrap } from './corpus/seed.ts';
import { CERTIFICATE_RULES, KEY_RULES, type RuleBook } from './differences/rules.ts';

/** One function that reads what others wrote, and what is done with its inputs beside. */
export interface Target {
  readonly name: string;
  /** What its inputs are made of. */
  readonly seeds: SeedKind;
  /** How often it is taken, compared with the others. */
  readonly weight: number;
  /** How long it takes is the sender's choice, so that no time is too long. */
  readonly isUnhurried?: boolean;
  /** Throws nothing but X509Error. */
  read(text: string): unknown;
  readonly reference?: Reference;
}

/** Somebody else's verdict on the same inputs. */
export interface Reference {
  /** Throws whatever it refuses by. */
  read(text: string): unknown;
  /** The block that we read, alone and as PEM that nobody can be in doubt about; null where there is none. */
  canonical(text: string): string | null;
  /** What a text that was taken holds, for the cause of a difference. */
  describe(text: string): string;
  /** Why the verdicts may differ. */
  readonly rules: RuleBook;
}

const CERTIFICATE_LABELS = ['CERTIFICATE', 'X509 CERTIFICATE'];
const KEY_LABELS = ['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY', 'DSA PRIVATE KEY', 'ENCRYPTED PRIVATE KEY'];

/** What is fuzzed. Another function that reads foreign bytes needs one more entry. */
export const TARGETS: readonly Target[] = [
  {
    name: 'loadCertificate',
    seeds: 'certificate',
    weight: 4,
    read: loadCertificate,
    reference: {
      read: (text) => new X509Certificate(text),
      canonical: (text) => rewrap(text, CERTIFICATE_LABELS, 'CERTIFICATE'),
      describe: () => 'certificate',
      rules: CERTIFICATE_RULES,
    },
  },
  {
    name: 'loadPrivateKey',
    seeds: 'privateKey',
    weight: 4,
    read: loadPrivateKey,
    reference: {
      read: (text) => createPrivateKey(text),
      canonical: (text) => rewrap(text.split('\n').map(stripAsPython).join('\n'), KEY_LABELS),
      describe: (text) => loadPrivateKey(text).keyType ?? 'post-quantum',
      rules: KEY_RULES,
    },
  },
  {
    name: 'loadCertificateDer',
    seeds: 'certificate',
    weight: 1,
    read: (text) => loadCertificateDer(firstDer(text)),
  },
  {
    name: 'loadPrivateKeyDer',
    seeds: 'privateKey',
    weight: 1,
    read: (text) => loadPrivateKeyDer(firstDer(text)),
  },
  {
    name: 'readCertificateRequest',
    seeds: 'request',
    weight: 2,
    read: readCertificateRequest,
  },
  {
    name: 'readPkcs12',
    seeds: 'pkcs12',
    weight: 2,
    // A file may claim millions of rounds (LIMITS.PBE_ITERATIONS).
    isUnhurried: true,
    read: (text) => readPkcs12(firstDer(text), PASSPHRASE),
  },
];

/** Asked about the inputs of every target: their answer is a boolean, whatever comes. */
export const SCANS: readonly { readonly name: string; ask(text: string): boolean }[] = [
  { name: 'containsPrivateKey', ask: containsPrivateKey },
  { name: 'holdsOnlyCertificates', ask: (text) => holdsOnlyCertificates(text) },
];

/** The first block of one of these labels, alone. */
function rewrap(text: string, labels: readonly string[], newLabel?: string): string | null {
  const block = blocksOf(text).find(({ label }) => labels.includes(label));
  return block === undefined ? null : wrap({ label: newLabel ?? block.label, der: block.der });
}

/** For what is read as DER: whatever Node makes of the first block's base64. */
function firstDer(text: string): Buffer {
  return Buffer.from(/-----\r?\n([^-]*)/.exec(text)?.[1] ?? '', 'base64');
}

function blocksOf(text: string): PemBlock[] {
  try {
    return readPem(text);
  } catch (error) {
    if (error instanceof PemError || error instanceof BeyondLimits) return [];
    throw error;
  }
}
