import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { imageConfig, parseDockerfile } from '../../scripts/docker/dockerfile.ts';
import { blocksOf } from '../../scripts/support/page.ts';
import { readConfig } from '../../src/config.ts';
import { environmentSchema, isSecret } from '../../src/environment.ts';
import { parseKek } from '../../src/sealing/index.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const image = imageConfig(parseDockerfile(read('Dockerfile')).at(-1));
const page = blocksOf(read('docs/docker.md'));

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly user?: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly stop_grace_period: string;
  readonly [restriction: string]: unknown;
}

interface Compose {
  readonly services: { readonly certkeep: Service; readonly database: Service };
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const compose = parse(read('compose.yaml')) as Compose;
const { certkeep, database } = compose.services;

describe('compose.yaml', () => {
  test('gives the server a database that is healthy first', () => {
    expect(certkeep.depends_on).toEqual({ database: { condition: 'service_healthy' } });
    expect(database.healthcheck?.test).toContain('pg_isready');
    expect(database.healthcheck?.test).toContain(`--username=${database.environment['POSTGRES_USER']}`);
    expect(certkeep.networks).toContain('back');
    expect(database.networks).toEqual(['back']);
    expect(compose.networks['back']).toEqual({ internal: true });
  });

  test('keeps the data in a volume that it declares', () => {
    // From PostgreSQL 18 on the image keeps the data of each major version in a directory of its own below this one.
    expect(database.volumes).toEqual(['database:/var/lib/postgresql']);
    expect(compose.volumes).toHaveProperty('database');
    expect(Number(/^postgres:(\d+)-/.exec(database.image)?.[1])).toBeGreaterThanOrEqual(18);
  });

  test('gives each container its secrets as files, none of them as a value', () => {
    for (const { environment, secrets } of [certkeep, database]) {
      const files = Object.entries(environment).filter(([name]) => name.endsWith('_FILE'));
      expect(files.map(([, file]) => file).sort()).toEqual(secrets.map((name) => `/run/secrets/${name}`).sort());
      expect(secrets.filter((name) => !(name in compose.secrets))).toEqual([]);
      const values = Object.keys(environment).filter((name) => /PASSWORD|URL|KEK|TOKEN/.test(name));
      expect(values.filter((name) => !name.endsWith('_FILE'))).toEqual([]);
    }
    for (const name of Object.keys(certkeep.environment)) {
      const variable = name.replace(/_FILE$/, '') as keyof typeof environmentSchema.shape;
      expect(variable in environmentSchema.shape && isSecret(variable), name).toBe(true);
    }
  });

  test.each(Object.entries(compose.services))('takes from %s what it has no use for', (_name, service) => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(service).not.toHaveProperty('cap_add');
    expect(service).not.toHaveProperty('privileged');
    expect(service.user ?? image.user).not.toMatch(/^(root\b|0)/);
  });

  test('opens one port, to this machine alone, and it is the one that the image exposes', () => {
    expect(certkeep.ports).toEqual([`127.0.0.1:9000:${image.environment['CERTKEEP_PORT']}`]);
    expect(database.ports).toBeUndefined();
  });

  test('waits longer for the end of the server than the server does for its requests', () => {
    const [, graceMs = ''] = /GRACE_MS = ([\d_]+)/.exec(read('src/main.ts')) ?? [];
    expect(Number.parseInt(certkeep.stop_grace_period, 10) * 1000).toBeGreaterThan(Number(graceMs.replaceAll('_', '')));
    expect(certkeep['init']).toBe(true);
  });
});

describe('docs/docker.md', () => {
  test('makes the secrets that compose.yaml names, and the server accepts them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'certkeep-secrets-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const commands = page.find(({ heading, language }) => heading === 'Start' && language === 'sh')?.code ?? '';
    execFileSync('/bin/sh', ['-eu', '-c', commands], { cwd: folder });

    const files = Object.values(compose.secrets).map(({ file }) => file);
    expect(readdirSync(join(folder, 'secrets')).sort()).toEqual(
      files.map((file) => file.replace('secrets/', '')).sort(),
    );
    expect(statSync(join(folder, 'secrets')).mode & 0o777).toBe(0o700);
    const environment = Object.entries(certkeep.environment).map(([name, path]) => [
      name,
      path.replace('/run/secrets', join(folder, 'secrets')),
    ]);
    const config = readConfig(Object.fromEntries(environment));
    expect(parseKek(config.kek ?? '')).toHaveLength(32);
    expect(config.bootstrapToken).toHaveLength(64);
    const url = new URL(config.databaseUrl ?? '');
    expect(url.password).toBe(readFileSync(join(folder, 'secrets/database_password'), 'utf8').trim());
    expect(url.hostname in compose.services).toBe(true);
    expect(url.username).toBe(database.environment['POSTGRES_USER']);
    expect(url.pathname).toBe(`/${database.environment['POSTGRES_DB']}`);
  });

  test('gives docker run the restrictions and the secrets that compose.yaml gives the server', () => {
    const run = page.find(({ code }) => code.includes('docker run'))?.code ?? '';
    for (const word of ['--init', '--read-only', '--cap-drop ALL', `--security-opt ${certkeep['security_opt']}`]) {
      expect(run).toContain(word);
    }
    expect(run).toContain(`--publish ${certkeep.ports}`);
    for (const [name, path] of Object.entries(certkeep.environment)) {
      expect(run).toContain(`--env ${name}=${path}`);
      expect(run).toContain(`"$PWD/${compose.secrets[path.replace('/run/secrets/', '')]?.file}:${path}:ro"`);
    }
  });
});
