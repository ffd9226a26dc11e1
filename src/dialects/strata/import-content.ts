import type { z } from 'zod';
import {
  holdsOnlyCertificates,
  isEncryptedPrivateKey,
  isStrictPem,
  privateKeyBlocks,
  readCertificates,
  writeCertificates,
  writePrivateKey,
} from '../../x509/index.ts';
import { invalidObject, Refusal } from './errors.ts';
import { decodeFile } from './file-content.ts';
import { type RunTask, wordingProblemsOf } from './file-problems.ts';
import type { importRequest } from './transfer-schemas.ts';

/** What is stored of an import. */
export interface ImportContent {
  /** PEM: certificates and nothing else. */
  readonly certificates: string;
  /** PEM, unencrypted; '' for none. */
  readonly privateKey: string;
  /** The field that the private key came in. */
  readonly keyField: 'certificate_file' | 'key_file';
  /** `certificate_file` as it may be shown: no key is in it. */
  readonly echo: string;
}

type Files = Pick<z.output<typeof importRequest>, 'format' | 'certificate_file' | 'key_file' | 'passphrase'>;
type Certificates = Pick<ImportContent, 'certificates' | 'echo'>;

const NO_CERTIFICATE = 'is not a certificate';
const NO_KEY = 'is not a private key';

/**
 * Reads the files of an import. Whether the certificates are sound, and whose the key is, is not asked yet.
 *
 * @throws {Refusal} 400 naming the field, 409 for more than one private key
 * @throws what `run` does
 */
export async function readImport(files: Files, run: RunTask): Promise<ImportContent> {
  const file = decoded('certificate_file', files.certificate_file);
  const keyFile = (files.key_file ?? '') === '' ? undefined : decoded('key_file', files.key_file ?? '');
  if (files.format === 'pkcs12') {
    return readPkcs12File(file, keyFile, files.passphrase ?? '', run);
  }
  const { inner, ...certificates } =
    files.format === 'pem'
      ? await readPemFile(file, files.certificate_file)
      : { ...(await onlyCertificates([file], files.certificate_file)), inner: [] };
  const keys = [...inner, ...(await keysOf(keyFile))];
  const [key] = keys;
  if (keys.length > 1) {
    throw tooManyKeys(keyFile === undefined ? 'certificate_file' : 'key_file');
  }
  const keyField = inner.length > 0 ? 'certificate_file' : 'key_file';
  const privateKey = key === undefined ? '' : await openKey(key, keyField, files.passphrase ?? '', run);
  return { ...certificates, privateKey, keyField };
}

function tooManyKeys(field: ImportContent['keyField']): Refusal {
  return new Refusal('Object Not Unique', [`${field}: more than one private key was sent, and one alone can count`]);
}

function decoded(field: string, text: string): Buffer {
  const bytes = decodeFile(text);
  if (bytes === undefined) {
    throw invalidObject([{ field, text: 'must be base64, or PEM' }]);
  }
  return bytes;
}

async function readPemFile(file: Buffer, written: string): Promise<Certificates & { readonly inner: string[] }> {
  const text = file.toString('utf8');
  return wordingProblemsOf('certificate_file', NO_CERTIFICATE, async () => {
    const certificates = readCertificates(text);
    const inner = privateKeyBlocks(text);
    if (countKeyBeginnings(text) > inner.length) {
      throw invalidObject([{ field: 'certificate_file', text: 'holds a private key that is not whole' }]);
    }
    if (!holdsOnlyCertificates(text)) {
      return { ...(await onlyCertificates(certificates)), inner };
    }
    return isStrictPem(text)
      ? { certificates: text, echo: written, inner }
      : { ...(await onlyCertificates(certificates, written)), inner };
  });
}

function countKeyBeginnings(text: string): number {
  return text.match(/-----BEGIN (?:[^\r\n-]* )?PRIVATE KEY-----/g)?.length ?? 0;
}

/**
 * Certificates as they are stored where they came as anything but PEM of their own.
 *
 * @param echo where what came was nothing else
 */
function onlyCertificates(certificates: readonly Buffer[], echo?: string): Promise<Certificates> {
  const text = writeCertificates(certificates);
  return wordingProblemsOf('certificate_file', NO_CERTIFICATE, () => {
    if (!holdsOnlyCertificates(text)) {
      throw invalidObject([{ field: 'certificate_file', text: NO_CERTIFICATE }]);
    }
    return { certificates: text, echo: echo ?? Buffer.from(text).toString('base64') };
  });
}

async function readPkcs12File(
  file: Buffer,
  keyFile: Buffer | undefined,
  passphrase: string,
  run: RunTask,
): Promise<ImportContent> {
  if (keyFile !== undefined) {
    throw invalidObject([{ field: 'key_file', text: 'must be absent: a PKCS#12 file holds its own private key' }]);
  }
  const { privateKey, certificates, keyCount } = await wordingProblemsOf(
    'certificate_file',
    'is not a PKCS#12 file',
    () => run('readPkcs12', { file, passphrase }),
  );
  if (keyCount > 1) {
    throw tooManyKeys('certificate_file');
  }
  return {
    ...(await onlyCertificates(certificates)),
    privateKey: privateKey === null ? '' : await plainKey(privateKey, 'certificate_file'),
    keyField: 'certificate_file',
  };
}

/** The private keys of `key_file`: PEM blocks, or one in DER. What else a PEM text holds is passed over. */
async function keysOf(file: Buffer | undefined): Promise<ReadonlyArray<string | Buffer>> {
  if (file?.includes('-----BEGIN ') !== true) {
    return file === undefined ? [] : [file];
  }
  const keys = await wordingProblemsOf('key_file', NO_KEY, () => privateKeyBlocks(file.toString('utf8')));
  if (keys.length === 0) {
    throw invalidObject([{ field: 'key_file', text: NO_KEY }]);
  }
  return keys;
}

/** A private key in PEM without encryption, which a passphrase is not asked for. */
async function openKey(
  key: string | Buffer,
  field: ImportContent['keyField'],
  passphrase: string,
  run: RunTask,
): Promise<string> {
  if (!(await wordingProblemsOf(field, NO_KEY, () => isEncryptedPrivateKey(key)))) {
    return typeof key === 'string' ? key : plainKey(key, field);
  }
  if (passphrase === '') {
    throw invalidObject([{ field: 'passphrase', text: 'is required: the private key is encrypted' }]);
  }
  return wordingProblemsOf(field, NO_KEY, () => run('decryptPrivateKey', { key, passphrase }));
}

function plainKey(der: Buffer, field: ImportContent['keyField']): Promise<string> {
  return wordingProblemsOf(field, NO_KEY, () => writePrivateKey(der));
}
