import { readFile, writeFile } from 'node:fs/promises';
import { configTable, withConfigTable } from './config-table.ts';

/** Writes the README's table of configuration from the schema that reads it. */
const readme = new URL('../README.md', import.meta.url);
await writeFile(readme, withConfigTable(await readFile(readme, 'utf8'), configTable()));
