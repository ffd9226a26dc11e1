// Only what is used, as of autocannon: the compiler does without what `bench/load/` installs.
declare module 'reflect-metadata';

declare module '@peculiar/x509' {
  import type { webcrypto } from 'node:crypto';

  export class X509Certificate {
    /** Text or DER. */
    constructor(raw: string | Uint8Array);
    readonly subject: string;
    readonly issuer: string;
    readonly serialNumber: string;
    readonly notBefore: Date;
    readonly notAfter: Date;
    readonly publicKey: { readonly algorithm: object };
    readonly extensions: readonly object[];
    getThumbprint(algorithm: string): Promise<ArrayBuffer>;
    toString(format: 'pem'): string;
  }
  export class SubjectAlternativeNameExtension {
    constructor(names: readonly { readonly type: 'dns'; readonly value: string }[], critical: boolean);
  }
  export const X509CertificateGenerator: {
    create(options: {
      readonly serialNumber: string;
      readonly subject: string;
      readonly issuer: string;
      readonly notBefore: Date;
      readonly notAfter: Date;
      readonly signingAlgorithm: object;
      readonly publicKey: webcrypto.CryptoKey;
      readonly signingKey: webcrypto.CryptoKey;
      readonly extensions: readonly object[];
    }): Promise<X509Certificate>;
  };
  export const PemConverter: { decode(pem: string): ArrayBuffer[] };
  export const cryptoProvider: { set(crypto: webcrypto.Crypto): void };
}
