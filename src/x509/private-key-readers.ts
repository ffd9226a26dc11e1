import { readDsaPrivateKey } from './dsa-private-key.ts';
import { readEcPrivateKey } from './ec-private-key.ts';
import type { PrivateKeyForm } from './private-key-block.ts';
import { readPrivateKeyInfo } from './private-key-info.ts';
import { KeyError, type LoadedPrivateKey } from './private-key-structure.ts';
import { readRsaPrivateKey } from './rsa-private-key.ts';

const READERS: Readonly<Record<PrivateKeyForm, (der: Buffer) => LoadedPrivateKey>> = {
  pkcs8: readPrivateKeyInfo,
  pkcs1: readRsaPrivateKey,
  sec1: (der) => readEcPrivateKey(der, null),
  dsa: readDsaPrivateKey,
  encrypted: refuseEncrypted,
};

/**
 * Reads a private key of a known form and checks it.
 * @throws DerError, KeyError, BeyondLimits
 */
export function readPrivateKey(form: PrivateKeyForm, der: Buffer): LoadedPrivateKey {
  return READERS[form](der);
}

/** @throws KeyError */
export function refuseEncrypted(): never {
  throw new KeyError('the private key is encrypted');
}
