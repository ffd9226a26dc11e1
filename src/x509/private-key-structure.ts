/** Types of private keys as authentik 2024 names them (contract §1.1). */
export type KeyType = 'rsa' | 'ec' | 'dsa' | 'ed25519' | 'ed448' | 'x25519' | 'x448' | 'dh';

/** What is kept of a private key that was parsed and checked. */
export interface LoadedPrivateKey {
  /** Null for the types pyca loads and authentik has no name for: ML-DSA and ML-KEM. */
  readonly keyType: KeyType | null;
  /**
   * Of the public half, see `digestPublicKey`. Null where it isn't needed (DH), where Node 20 doesn't know the type (ML-DSA, ML-KEM), and
   * where OpenSSL refuses, or takes long for, a DSA key's numbers that pyca takes.
   */
  readonly publicKeyDigest: string | null;
}

/** The key is well-formed DER and still refused. Internal: callers see it as the cause of our own errors. */
export class KeyError extends Error {
  override readonly name = 'KeyError';
}
