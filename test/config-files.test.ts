import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';
import { ENVIRONMENT_NAMES, isSecret, mayComeFromFile } from '../src/environment.ts';
import { configProblem as problemOf } from './support/config-problem.ts';

const KEK = Buffer.alloc(32, 7).toString('base64');
const TOKEN = 'a-bootstrap-token-of-32-letters!';
const WEBHOOK_SECRET = `whsec_${Buffer.alloc(24, 5).toString('base64')}`;

describe('a secret', () => {
  const secrets = {
    DATABASE_URL: ['databaseUrl', 'postgres://me:hunter2@db/keep'],
    CERTKEEP_MIGRATION_DATABASE_URL: ['migrationDatabaseUrl', 'postgres://me:hunter2@direct/keep'],
    CERTKEEP_KEK: ['kek', KEK],
    CERTKEEP_AUDIT_KEY: ['auditKey', KEK],
    CERTKEEP_BOOTSTRAP_TOKEN: ['bootstrapToken', TOKEN],
  } as const;
  const cases = Object.entries(secrets).map(([name, [member, value]]) => [name, member, value] as const);
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'certkeep-test-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  function file(content: string): string {
    const path = join(directory, 'a-secret-file');
    writeFileSync(path, content);
    return path;
  }

  it('is each of these variables and no other', () => {
    const whole = [...Object.keys(secrets), 'CERTKEEP_WEBHOOK_URL', 'CERTKEEP_WEBHOOK_SECRET'].sort();
    expect(ENVIRONMENT_NAMES.filter(isSecret).sort()).toEqual(whole);
    expect(ENVIRONMENT_NAMES.filter(mayComeFromFile).sort()).toEqual([...whole, 'CERTKEEP_LOG_LEVEL'].sort());
  });

  it.each(cases)('%s may come from a file, without the white space around it', (name, member, value) => {
    expect(readConfig({ [`${name}_FILE`]: file(`${value}\n`) })[member]).toBe(value);
    expect(readConfig({ [`${name}_FILE`]: file(` \t${value}\r\n\n`) })[member]).toBe(value);
  });

  it.each(cases)('%s may not be given twice', (name, _member, value) => {
    const problem = problemOf({ [name]: value, [`${name}_FILE`]: file(value) });
    expect(problem).toContain(name);
    expect(problem).toContain(`${name}_FILE`);
    expect(problem).not.toContain(value);
  });

  it.each(cases)('%s is missed where its file is missing, or is a directory', (name) => {
    const missing = join(directory, 'nowhere');
    expect(problemOf({ [`${name}_FILE`]: missing })).toBe(`${name}_FILE: can't be read (ENOENT)`);
    expect(problemOf({ [`${name}_FILE`]: directory })).toBe(`${name}_FILE: can't be read (EISDIR)`);
  });

  it('of webhooks may come from files', () => {
    const url = file('https://hooks.example/x\n');
    expect(readConfig({ CERTKEEP_WEBHOOK_URL_FILE: url, CERTKEEP_WEBHOOK_SECRET: WEBHOOK_SECRET }).webhook).toEqual({
      url: 'https://hooks.example/x',
      secrets: [WEBHOOK_SECRET],
      privateNetworks: [],
    });
  });

  it('is checked where it comes from a file too, and not repeated', () => {
    const problem = problemOf({ DATABASE_URL_FILE: file('mysql://me:hunter2@db/keep') });
    expect(problem).toMatch(/^DATABASE_URL: /);
    expect(problem).not.toContain('hunter2');
  });

  it('is not an empty file', () => {
    expect(problemOf({ DATABASE_URL_FILE: file('') })).toMatch(/^DATABASE_URL: /);
    expect(problemOf({ CERTKEEP_BOOTSTRAP_TOKEN_FILE: file('\n') })).toMatch(/^CERTKEEP_BOOTSTRAP_TOKEN: /);
    // Not undefined, which would have an embedded server make a KEK of its own: what parses it refuses it.
    expect(readConfig({ CERTKEEP_KEK_FILE: file('\n') }).kek).toBe('');
  });
});
