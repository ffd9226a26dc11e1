import { readFile, writeFile } from 'node:fs/promises';
import { firstDayScript } from './first-day.ts';

/** Writes the script of the first day from the page that describes it. */
const page = await readFile(new URL('../docs/operations/first-day.md', import.meta.url), 'utf8');
const script = new URL('../docs/operations/first-day.sh', import.meta.url);
await writeFile(script, firstDayScript(page), { mode: 0o755 });
