export {
  type KekAdministration,
  type KekAdministrationOptions,
  type KekChange,
  kekAdministration,
  type RotateOptions,
} from './administration.ts';
export type { SealedIdentity, SecretPurpose } from './envelope.ts';
export {
  KekMalformed,
  KekMismatch,
  KekRefused,
  type KekRefusedCode,
  KekRetired,
  KekUnknown,
  SealBroken,
  SealingError,
  type SealingErrorCode,
} from './errors.ts';
export { generateKek, parseKek, parseKeks } from './kek.ts';
export {
  type Instance,
  type KekOverview,
  type KekTransaction,
  kekRepository,
  refusingRetiredKeks,
} from './kek-repository.ts';
export { type KeyRing, missingKek, openKeyRing, type SealedUnderKek } from './key-ring.ts';
export { keepPresent, thisInstance } from './presence.ts';
export { sealingFirst } from './sealing-first.ts';
export { wrapRepository } from './wrap-repository.ts';
