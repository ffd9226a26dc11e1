export { type Database, type DatabaseOptions, openDatabase } from './client.ts';
export { attachEmbeddedPostgres } from './embedded/attach.ts';
export { type EmbeddedPostgres, EmbeddedPostgresError, startEmbeddedPostgres } from './embedded/index.ts';
export { isUnavailable, StoreUnavailable, violatedConstraint, withStoreErrors } from './errors.ts';
export { Prisma } from './generated/client.ts';
export { type Lease, openLease } from './lease.ts';
export { MigrationError, migrate } from './migrate.ts';
export { repeatWork } from './repeated-work.ts';
