import type { Actor } from '../../audit/index.ts';
import {
  HoldsPrivateKey,
  type Keypairs,
  type OpenedKeypair,
  type PairToExport,
  type PassphraseWork,
  type Placement,
  SealingError,
} from '../../keypairs/index.ts';
import { readCertificates, toPkcs8, X509Error } from '../../x509/index.ts';
import type { PairFile } from './export-folder.ts';
import { CERTIFICATE_FILE, PKCS12_FILE, PRIVATE_KEY_FILE } from './manifest.ts';
import { TransferRefused } from './refusal.ts';

/** As files of PEM, byte for byte; or as one of PKCS#12, under a passphrase. */
export type ExportFormat = { readonly name: 'pem' } | { readonly name: 'pkcs12'; readonly passphrase: string };

export interface ExportTextsOptions {
  readonly keypairs: Pick<Keypairs, 'certificateText' | 'privateKeyText' | 'openForUse'>;
  readonly work: Pick<PassphraseWork, 'run'>;
  readonly actor: Actor;
  readonly placement: Placement;
  readonly format: ExportFormat;
  readonly certificatesOnly: boolean;
}

/** Whether the private key of a pair goes with it. */
export function takesKey({ hasPrivateKey, privateKeyExportable }: PairToExport, certificatesOnly: boolean): boolean {
  return hasPrivateKey && privateKeyExportable && !certificatesOnly;
}

/**
 * The files of a pair, once the event of each view is written.
 *
 * @throws {TransferRefused} HOLDS_PRIVATE_KEY where no key is to leave and the certificate's text holds one, NO_PKCS12_FORM, SEAL_BROKEN
 * @throws {KeypairNotFound} where it was deleted meanwhile
 * @throws {StoreUnavailable}
 */
export async function exportTexts(
  options: ExportTextsOptions,
  pair: PairToExport,
  signal: AbortSignal,
): Promise<ReadonlyMap<PairFile, string | Uint8Array>> {
  const { format, work } = options;
  const opened = await wordingRefusals(() => view(options, pair));
  if (format.name === 'pkcs12') {
    const { passphrase } = format;
    const file = await wordingRefusals(() => {
      const content = { ...contentOf(opened), friendlyName: pair.name };
      return work.run('writePkcs12', { content, passphrase }, signal);
    });
    return new Map([[PKCS12_FILE, file]]);
  }
  const { certificate, privateKey } = opened;
  return new Map([
    [CERTIFICATE_FILE, certificate],
    ...(privateKey === null ? [] : [[PRIVATE_KEY_FILE, privateKey] as const]),
  ]);
}

/** Both texts of one moment, which the two views alone need not be of. */
async function view(options: ExportTextsOptions, pair: PairToExport): Promise<OpenedKeypair> {
  const { keypairs, actor, placement, certificatesOnly } = options;
  const { id, privateKeyExportable } = pair;
  const mayViewKey = privateKeyExportable && !certificatesOnly;
  const certificate = await keypairs.certificateText(actor, placement, id, mayViewKey);
  if (!takesKey(pair, certificatesOnly)) {
    return { certificate, privateKey: null };
  }
  await keypairs.privateKeyText(actor, placement, id);
  return keypairs.openForUse(placement, id);
}

function contentOf({ certificate, privateKey }: OpenedKeypair) {
  return { certificates: readCertificates(certificate), privateKey: privateKey === null ? null : toPkcs8(privateKey) };
}

async function wordingRefusals<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof HoldsPrivateKey) {
      throw new TransferRefused('HOLDS_PRIVATE_KEY', 'the text of its certificate holds a private key', error);
    }
    if (error instanceof SealingError) {
      throw new TransferRefused('SEAL_BROKEN', `it does not open: ${error.message}`, error);
    }
    throw error instanceof X509Error
      ? new TransferRefused('NO_PKCS12_FORM', `it has no form in PKCS#12: ${error.message}`, error)
      : error;
  }
}
