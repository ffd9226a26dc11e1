export {
  BackupError,
  type BackupErrorCode,
  type BackupReport,
  type Backups,
  type RestoreReport,
  restore,
  restoreTarget,
} from './backup/index.ts';
export { endConnectionsOnClose, endConnectionsOnDrain } from './connections.ts';
export { StartRefused } from './errors.ts';
export { givenKeys } from './given-keys.ts';
export { health } from './health.ts';
export { listenAddress } from './listen-address.ts';
export { type Metrics, type StartedMetrics, startMetrics } from './metrics/index.ts';
export { type RedactingLoggerOptions, redactingLogger } from './redacting-logger.ts';
export { reloadLogLevel } from './reload.ts';
export { explainFailure } from './start-failure.ts';
export { type StartPageOptions, startPage } from './start-page.ts';
export { type Log, openStore, type Store } from './store.ts';
export { endUnreadAnswers } from './unread-answers.ts';
export { boundUnsentAnswers } from './unsent-answers.ts';
export type { StoredMessage } from './webhooks/webhook-repository.ts';
