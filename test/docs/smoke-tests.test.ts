import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { blocksOf } from '../../scripts/support/page.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const blocks = blocksOf(read('docs/smoke-tests.md'));

interface Step {
  readonly name: string;
  readonly run?: string;
  readonly uses?: string;
  readonly if?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly defaults: object;
  readonly env: object;
  readonly steps: readonly Step[];
}

const { jobs, permissions } = parse(read('docs/examples/smoke.yml')) as { jobs: { smoke: Job }; permissions: object };
const { steps, env, defaults } = jobs.smoke;
const commands = steps.filter(({ run }) => run !== undefined);

test("the workflow's steps are the page's commands, in the page's order", () => {
  const ofPage = blocks.filter(({ language }) => language === 'sh');

  expect(ofPage.length).toBeGreaterThan(4);
  expect(commands.map(({ name, run }) => [name, run])).toEqual(ofPage.map(({ heading, code }) => [heading, code]));
});

test('the workflow gives its steps the variables that the page names, and the shell that the page says', () => {
  const named = blocks.find(({ language }) => language === 'yaml')?.code ?? '';

  expect(parse(named)).toEqual({ env });
  expect(defaults).toEqual({ run: { shell: 'bash' } });
});

test('the workflow throws the server away also where a step before it failed', () => {
  expect(commands.map((step) => step.if)).toEqual([...commands.slice(1).map(() => undefined), 'always()']);
});

test('the workflow may do no more than read, and leaves no credentials in a clone', () => {
  expect(permissions).toEqual({ contents: 'read' });
  const clones = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
  expect(clones).toHaveLength(2);
  expect(clones.map((step) => step.with?.['persist-credentials'])).toEqual([false, false]);
});

test("the page installs a version of authentik's client that the tests of the clients run", () => {
  const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: Record<string, string> };
  const [, installed] = /npm install --no-save (\S+)/.exec(commands.map(({ run }) => run).join('\n')) ?? [];

  expect(Object.values(devDependencies)).toContain(`npm:${installed}`);
});
