export { type IssuedKeypair, issueAuthentikProfile } from './authentik-profile.ts';
export { type AuthentikRequest, checkAuthentikRequest } from './authentik-request.ts';
export {
  type CertificateFacts,
  describeCertificate,
  type LoadedCertificate,
  loadCertificate,
} from './certificate.ts';
export {
  type Chain,
  type ChainCertificate,
  certificateBlocks,
  chainOfOne,
  describeChain,
  type ReadableCertificate,
  type UnreadableCertificate,
} from './chain.ts';
export {
  BeyondLimits,
  CannotIssue,
  NotACertificate,
  NotAPkcs12,
  NotAPrivateKey,
  WrongPassphrase,
  X509Error,
  type X509ErrorCode,
} from './errors.ts';
export { type GeneratedKeyPair, generateKeyPair, type KeyAlgorithm } from './key-generation.ts';
export { LIMITS, type Limit } from './limits.ts';
export type { Pkcs12Content } from './pkcs12/content.ts';
export { readPkcs12 } from './pkcs12/read.ts';
export { type Pkcs12Options, writePkcs12 } from './pkcs12/write.ts';
export { holdsOnlyCertificates } from './plain-certificates.ts';
export { belongTogether, loadPrivateKey } from './private-key.ts';
export { containsPrivateKey } from './private-key-presence.ts';
export type { KeyType, LoadedPrivateKey } from './private-key-structure.ts';
export type { PublicKeyType } from './public-key.ts';
export type { SubjectAltNames } from './subject-alt-names.ts';
export { openX509Worker, type WorkerFailure, WorkerUnavailable, type X509Worker } from './worker/index.ts';
