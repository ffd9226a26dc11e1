/** What a PKCS#12 file is read for and written from. */
export interface Pkcs12Content {
  /** DER of PrivateKeyInfo (RFC 5208 §5), unencrypted; null where there is none. */
  readonly privateKey: Buffer | null;
  /** DER. The one that belongs to the key first, then its chain in the order of issuing, then the others. */
  readonly certificates: readonly Buffer[];
  /** What people know the pair by; null where nothing says. */
  readonly friendlyName: string | null;
}

/** What a PKCS#12 file holds, as far as it is read. */
export interface ReadPkcs12 extends Pkcs12Content {
  /** How many private keys there are: `privateKey` is one of them. */
  readonly keyCount: number;
}
