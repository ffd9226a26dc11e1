import { basename, extname } from 'node:path';
import type { PassphraseWork } from '../../keypairs/index.ts';
import {
  BeyondLimits,
  LIMITS,
  loadCertificateDer,
  readCommonName,
  WrongPassphrase,
  wordLimit,
  writeCertificates,
  writePrivateKey,
  X509Error,
} from '../../x509/index.ts';
import type { PairSource } from './pair-source.ts';
import { readInput } from './read-input.ts';
import { TransferRefused } from './refusal.ts';

export interface Pkcs12File {
  readonly path: string;
  /** '' opens what is protected by none. */
  readonly passphrase: string;
  /** Without it, the friendly name, else the common name, else the file's. */
  readonly name?: string | undefined;
}

/** A pair in a PKCS#12 file (RFC 7292). Its private key comes out in PKCS#8, its certificates as strict PEM (RFC 7468). */
export function pkcs12File({ path, passphrase, name }: Pkcs12File, work: Pick<PassphraseWork, 'run'>): PairSource {
  return {
    path,
    async read(signal) {
      const file = await readInput(path, { maxBytes: LIMITS.PKCS12_BYTES });
      return wordingRefusals(async () => {
        const content = await work.run('readPkcs12', { file, passphrase }, signal);
        const { certificates, privateKey, friendlyName } = content;
        const [leaf] = certificates;
        if (content.keyCount > 1) {
          throw new TransferRefused('SEVERAL_KEYS', 'it holds more than one private key, and one alone can count');
        }
        if (leaf === undefined) {
          throw new TransferRefused('NO_CERTIFICATE', 'it holds no certificate');
        }
        return {
          name: name ?? firstNamed(friendlyName, commonNameOf(leaf), basename(path, extname(path))),
          certificate: writeCertificates(certificates),
          ...(privateKey === null ? {} : { privateKey: writePrivateKey(privateKey) }),
        };
      });
    },
  };
}

function firstNamed(...names: readonly (string | null)[]): string {
  return names.find((name) => name !== null && name.trim() !== '') ?? '';
}

function commonNameOf(leaf: Buffer): string | null {
  try {
    return readCommonName(loadCertificateDer(leaf).facts.subjectDer);
  } catch (error) {
    if (error instanceof X509Error) {
      return null;
    }
    throw error;
  }
}

/** @throws {TransferRefused} for whatever the file is at fault for */
async function wordingRefusals<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof WrongPassphrase) {
      throw new TransferRefused('WRONG_PASSPHRASE', 'the passphrase does not open it', error);
    }
    if (error instanceof BeyondLimits) {
      throw new TransferRefused('NOT_A_PKCS12', `it has more than ${wordLimit(error.limit)}`, error);
    }
    throw error instanceof X509Error ? new TransferRefused('NOT_A_PKCS12', error.message, error) : error;
  }
}
