import type { Database } from './client.ts';
import { withStoreErrors } from './errors.ts';
import { migrationNames } from './migrate.ts';

const MISSING = `
  SELECT known.name FROM unnest($1::text[]) AS known (name)
  WHERE NOT EXISTS (
    SELECT FROM _prisma_migrations m
    WHERE m.migration_name = known.name AND m.finished_at IS NOT NULL AND m.rolled_back_at IS NULL)`;

/**
 * Looks which migrations of this version a database lacks. What a newer version has added to it is no matter.
 *
 * @param directory as `migrate` takes it
 * @returns a function that gives their names, and throws {@link StoreUnavailable} where the database is away, pg's error where its table of
 * migrations can't be read, and {@link MigrationError} where this version's own can't
 */
export function missingMigrations(database: Pick<Database, 'query'>, directory?: string): () => Promise<string[]> {
  let known: readonly string[] | undefined;
  const { look } = withStoreErrors({
    async look(): Promise<string[]> {
      known ??= await migrationNames(directory);
      return (await database.query<{ name: string }>(MISSING, [known])).map(({ name }) => name);
    },
  });
  return look;
}
