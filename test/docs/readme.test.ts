import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configTable, withConfigTable } from '../../scripts/config-table.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

test('the table of configuration is what the server reads: after a change, run "npm run docs"', () => {
  expect(withConfigTable(readme, configTable())).toBe(readme);
});

test('every variable says what it means', () => {
  const rows = configTable().split('\n').slice(2);

  expect(rows.length).toBeGreaterThan(10);
  expect(rows.filter((row) => / \| {2}\|$/.test(row))).toEqual([]);
});
