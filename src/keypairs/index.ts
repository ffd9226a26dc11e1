export { StoreUnavailable } from '../database/index.ts';
export { KekUnknown, SealingError } from '../sealing/index.ts';
export { type KeyType, openX509Worker } from '../x509/index.ts';
export type { CertificateView } from './certificate-view.ts';
export { type ChainWork, type ChainWorkOptions, chainWork } from './chain-work.ts';
export type { KeypairDescription } from './description.ts';
export type { CompleteDraft, Draft, Drafted, KeypairFields } from './draft.ts';
export {
  Abandoned,
  Busy,
  type BusyWork,
  HoldsPrivateKey,
  KeypairError,
  type KeypairErrorCode,
  KeypairInUse,
  KeypairNotFound,
  KeypairRefused,
  ManagedTaken,
  type Problem,
  type ProblemCode,
  ServerEnding,
  SignerGone,
} from './errors.ts';
export { type GenerationQueue, generationQueue } from './generation-queue.ts';
export { type Keypair, type KeypairId, keypairIdOf, type Placement, type Realm } from './keypair.ts';
export type { OpenedKeypair } from './keypair-texts.ts';
export type { ManagedPair, Predecessors, PutManaged } from './managed.ts';
export { MAX_NAME_BYTES } from './name.ts';
export type { ExportPage, PairToExport } from './pair-to-export.ts';
export { type PassphraseWork, passphraseWork } from './passphrase-work.ts';
export type { KeypairFilter, Order, OrderField, Page } from './query.ts';
export { keypairRepository } from './repository.ts';
export type { ManagedKeypair, OwnedKeypair } from './repository-managed.ts';
export type { Issuing } from './repository-writes.ts';
export { accountTurns, searchTurns } from './search-turns.ts';
export { type Generation, type Keypairs, keypairService } from './service.ts';
export { readCaCertificate } from './trust/ca-certificate.ts';
export {
  AccountGone,
  CertificateBroken,
  CertificateExpired,
  CertificateRefused,
  type CertificateRefusedCode,
  TrustError,
  type TrustErrorCode,
} from './trust/errors.ts';
export {
  type CaCertificate,
  CERTIFICATE_USES,
  type CertificateUse,
  DESIRED_STATES,
  type DesiredState,
  type Label,
  MAX_ACCOUNT_OCTETS,
  MAX_COMMON_NAME,
  type NewTrustEntry,
  TRUST_STATES,
  type TrustEntry,
  type TrustEntryChange,
  type TrustState,
} from './trust/trust-entry.ts';
export type {
  Comparison,
  TextField,
  TimeField,
  TrustCondition,
  TrustCursor,
  TrustOrder,
  TrustOrderField,
  TrustPage,
  TrustQuery,
} from './trust/trust-query.ts';
export { trustRepository } from './trust/trust-repository.ts';
export { type TrustStore, trustStore } from './trust/trust-store.ts';
export { TRUST_WATCH_LEASE, watchTrust } from './trust/trust-watch.ts';
export type { TurnCounts, Turns } from './turns.ts';
export type { Waiting } from './waiting.ts';
