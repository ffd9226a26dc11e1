import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { isInContext } from '../../scripts/docker/context.ts';
import { copyOperands, imageConfig, parseDockerfile } from '../../scripts/docker/dockerfile.ts';
import { environmentSchema, isSecret } from '../../src/environment.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

const stages = parseDockerfile(read('Dockerfile'));
const image = imageConfig(stages.at(-1));
const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).map((path) => join('src', path));

describe('the image', () => {
  test('copies only what is there, from stages that stand before', () => {
    const copies = stages.flatMap(({ instructions }, number) =>
      instructions.flatMap((one) => (one.keyword === 'COPY' ? [{ ...one, ...copyOperands(one), number }] : [])),
    );
    expect(copies.length).toBeGreaterThan(5);
    for (const { flags, number, sources: copied } of copies) {
      const earlier = stages.slice(0, number).map(({ name }) => name);
      if (flags['from'] !== undefined) {
        expect(earlier).toContain(flags['from']);
        continue;
      }
      for (const path of copied) {
        expect(statSync(join(ROOT, path), { throwIfNoEntry: false }), path).toBeDefined();
        expect(isInContext(path, read('.dockerignore')), path).toBe(true);
      }
    }
  });

  test('is built from sources alone: no secret, no data, no local build reaches the builder', () => {
    const isSent = (path: string) => isInContext(path, read('.dockerignore'));
    for (const path of [
      '.git/config',
      '.env',
      'secrets/kek',
      'data/kek',
      'node_modules/pg/package.json',
      'dist/main.js',
    ]) {
      expect(isSent(path), path).toBe(false);
    }
    expect(sources.length).toBeGreaterThan(100);
    expect(sources.filter((path) => isSent(path) === path.startsWith('src/database/generated'))).toEqual([]);
  });

  test('runs on the glibc image of one Node for all stages', () => {
    expect(new Set(stages.map(({ image }) => image))).toEqual(new Set(['node:24-bookworm-slim']));
  });

  test('starts as a user that is a number and not root, without a shell between it and its signals', () => {
    expect(image.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(image.command[0]).toBe('node');
    expect(image.stopSignal).toBe('SIGTERM');
  });

  test('runs no step as root in the stage that ships', () => {
    expect(stages.at(-1)?.instructions.map(({ keyword }) => keyword)).not.toContain('RUN');
  });

  test('names nothing by an absolute path in a step, so that the steps can be run without Docker', () => {
    const steps = stages.flatMap(({ instructions }) => instructions.filter(({ keyword }) => keyword === 'RUN'));
    expect(steps.length).toBeGreaterThan(1);
    expect(steps.filter(({ text }) => /(^|[\s='"])\//.test(text))).toEqual([]);
  });

  test('sets no variable that the server does not read, no secret, and starts the pool of threads as npm start does', () => {
    const ours = Object.keys(image.environment).filter((name) => name.startsWith('CERTKEEP_') || name.endsWith('_URL'));
    expect(ours.filter((name) => !(name in environmentSchema.shape))).toEqual([]);
    expect(ours.filter((name) => isSecret(name as keyof typeof environmentSchema.shape))).toEqual([]);

    const { scripts, license, description } = JSON.parse(read('package.json'));
    expect(scripts.start).toContain(`UV_THREADPOOL_SIZE:-${image.environment['UV_THREADPOOL_SIZE']}}`);
    expect(scripts.start).toContain(image.command.join(' '));
    expect(image.labels).toMatchObject({
      'org.opencontainers.image.licenses': license,
      'org.opencontainers.image.description': description,
    });
  });

  test('is asked for its health on the port that it exposes', () => {
    const exposed = stages.at(-1)?.instructions.find(({ keyword }) => keyword === 'EXPOSE')?.text;
    expect(image.environment['CERTKEEP_PORT']).toBe(exposed);
    expect(image.healthcheck.join(' ')).toContain('/-/health/ready/');
  });
});

test('what only Docker understands in a Dockerfile is refused, so that no step is passed over unseen', () => {
  for (const line of ['ADD a b', 'ARG VERSION', 'COPY $SOURCE .', 'run npm ci', 'COPY --link']) {
    expect(() => parseDockerfile(`FROM node\n${line}`), line).toThrow();
  }
  expect(() => imageConfig(parseDockerfile('FROM node\nCMD node main.js')[0])).toThrow();
  expect(() => parseDockerfile('CMD ["node"]\nFROM node')).toThrow('before any FROM');
});
