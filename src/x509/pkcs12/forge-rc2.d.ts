// @types/node-forge types the whole package only, and RC2 not at all.
declare module 'node-forge/lib/rc2.js' {
  /** Octets as a "binary string", one character an octet. */
  interface Octets {
    getBytes(): string;
  }
  interface Cipher {
    readonly output: Octets;
    start(iv: string): void;
    update(input: Octets): void;
  }
  const rc2: { createDecryptionCipher(key: string, effectiveBits: number): Cipher };
  export default rc2;
}
