import type { z } from 'zod';
import type { OpenedKeypair } from '../../keypairs/index.ts';
import { readCertificates, requestRenewal, toPkcs8 } from '../../x509/index.ts';
import { type RunTask, wordingProblemsOf } from './file-problems.ts';
import type { exportRequest } from './transfer-schemas.ts';

export type ExportFormat = z.output<typeof exportRequest>['format'];

/** A certificate in a format that holds no private key: its whole text, or the first certificate of it. */
export function certificateFile(format: 'pem' | 'der', text: string): Buffer {
  const [first] = readCertificates(text);
  return format === 'der' && first !== undefined ? first : Buffer.from(text, 'utf8');
}

/**
 * A request for another certificate of the same names and key (PKCS #10), in PEM.
 *
 * @throws {Refusal} 400 where the key can't sign
 */
export async function requestFile({ certificate, privateKey }: OpenedKeypair): Promise<Buffer> {
  const request = await wordingProblemsOf('format', 'the private key of this certificate can not sign a request', () =>
    requestRenewal(certificate, privateKey ?? ''),
  );
  return Buffer.from(request, 'utf8');
}

/**
 * A file with the private key in it, under a passphrase.
 *
 * @param name the friendly name of PKCS#12
 * @throws {Refusal} 400 naming what can't be
 * @throws what `run` does
 */
export function keyFile(
  format: 'pem' | 'pkcs12',
  { certificate, privateKey }: OpenedKeypair,
  { name, passphrase }: { readonly name: string; readonly passphrase: string },
  run: RunTask,
): Promise<Buffer> {
  const key = privateKey ?? '';
  if (format === 'pkcs12') {
    return wordingProblemsOf('format', 'the private key of this certificate has no such form', () => {
      const content = { privateKey: toPkcs8(key), certificates: readCertificates(certificate), friendlyName: name };
      return run('writePkcs12', { content, passphrase });
    });
  }
  return wordingProblemsOf('passphrase', 'can not protect a private key', async () => {
    const encrypted = await run('exportPrivateKey', { key, options: { format: 'pkcs8', encoding: 'pem', passphrase } });
    return Buffer.from(`${certificate.trimEnd()}\n${String(encrypted)}`, 'utf8');
  });
}
