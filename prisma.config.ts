import { fileURLToPath } from 'node:url';
import { defineConfig } from 'prisma/config';

// Every prisma command begins by downloading a native schema engine, also the three that never run it. Naming any existing file
// skips that download, so that an installation needs nothing but a package registry. The commands that do need the engine
// (`migrate`, `db`) are left alone.
const ENGINE_FREE_COMMANDS = ['generate', 'validate', 'format'];
if (process.argv.some((argument) => ENGINE_FREE_COMMANDS.includes(argument))) {
  process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= fileURLToPath(import.meta.url);
}

const url = process.env['DATABASE_URL'];

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  ...(url === undefined ? {} : { datasource: { url } }),
});
