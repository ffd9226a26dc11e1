export type { SealedIdentity, SecretPurpose } from './envelope.ts';
export { KekMalformed, KekMismatch, KekUnknown, SealBroken, SealingError, type SealingErrorCode } from './errors.ts';
export { generateKek, parseKek } from './kek.ts';
export { kekRepository } from './kek-repository.ts';
export { type KeyRing, openKeyRing, type SealedUnderKek } from './key-ring.ts';
