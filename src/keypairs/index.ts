export { StoreUnavailable } from '../database/index.ts';
export { SealingError } from '../sealing/index.ts';
export { type KeyType, openX509Worker } from '../x509/index.ts';
export { type ChainWork, type ChainWorkOptions, chainWork } from './chain-work.ts';
export type { KeypairDescription } from './description.ts';
export type { CompleteDraft, Draft, Drafted, KeypairFields } from './draft.ts';
export {
  Abandoned,
  Busy,
  HoldsPrivateKey,
  KeypairError,
  type KeypairErrorCode,
  KeypairNotFound,
  KeypairRefused,
  type Problem,
  type ProblemCode,
} from './errors.ts';
export { type GenerationQueue, generationQueue } from './generation-queue.ts';
export { type Keypair, type KeypairId, keypairIdOf, type Placement, type Realm } from './keypair.ts';
export { MAX_NAME_BYTES } from './name.ts';
export type { KeypairFilter, Order, OrderField, Page } from './query.ts';
export { keypairRepository } from './repository.ts';
export { searchTurns } from './search-turns.ts';
export { type Generation, type Keypairs, keypairService } from './service.ts';
