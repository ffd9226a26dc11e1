import type { Generation } from '../../../keypairs/index.ts';
import { generateKeyPair, issueCertificate } from '../../../x509/index.ts';

const DAY_MS = 86_400_000;

/** Who owns the stored pairs: no client does. */
export const MANAGED_BY = 'certkeep.strata.oauth2';

/** In no tenant, where no route looks. */
export const PLACEMENT = { realm: 'strata', scope: '' } as const;

/**
 * What is stored of a new signing key: RSA of 2048 bits, which every client of the contract verifies, its private key as PKCS#8, and a
 * certificate that nobody has to trust: it holds the public half.
 *
 * @param days for how long the key signs
 */
export function newSigningKey(name: string, days: number, now: Date): Generation {
  return {
    name,
    managed: MANAGED_BY,
    issuing: { signerId: null, privateKeyExportable: false },
    async make() {
      const { publicKey, privateKey } = await generateKeyPair({ type: 'rsa', bits: 2048 });
      const wanted = {
        subject: [{ type: 'CN', value: name }],
        notBefore: now,
        // It verifies for a while after it has signed for the last time.
        notAfter: new Date(now.getTime() + (days + 1) * DAY_MS),
        keyUsage: ['digitalSignature'],
        extendedKeyUsage: [],
      } as const;
      return {
        certificate: await issueCertificate(wanted, publicKey, privateKey),
        privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
      };
    },
  };
}
