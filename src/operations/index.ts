export { endConnectionsOnClose } from './connections.ts';
export { StartRefused } from './errors.ts';
export { health } from './health.ts';
export { listenAddress } from './listen-address.ts';
export { type RedactingLoggerOptions, redactingLogger } from './redacting-logger.ts';
export { explainFailure } from './start-failure.ts';
export { type StartPageOptions, startPage } from './start-page.ts';
export { type Log, openStore, type Store } from './store.ts';
export { endUnreadAnswers } from './unread-answers.ts';
