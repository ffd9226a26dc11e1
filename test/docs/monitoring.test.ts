import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Exposition, parseExposition } from '../support/exposition.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

const read = (name: string) => readFileSync(new URL(`../../docs/operations/${name}`, import.meta.url), 'utf8');

interface RuleFile {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const { groups } = parse(read('alerts.yaml')) as RuleFile;
const rules = groups.flatMap((group) => group.rules);

/** The first column of the tables, and what its labels' column names. */
const documented = new Map(
  [...read('monitoring.md').matchAll(/^\| `((?:certkeep|http|db)_[a-z_]+)` \|([^|]*)\|/gm)].map(
    ([, name = '', labels = '']) => [name, [...labels.matchAll(/`([a-z_]+)`/g)].map(([, label = '']) => label)],
  ),
);

/** The library's own names, of which the page tells by their prefixes. */
const LIBRARY = /^(process|nodejs)_/;

let server: TestServer;
let shown: Exposition;

beforeAll(async () => {
  server = await startServer();
  // One that is stored, and a request that is measured, so that all labels are there.
  const body = { common_name: 'one', validity_days: 1, alg: 'ecdsa' };
  expect((await server.request('POST', '/api/v3/crypto/certificatekeypairs/generate/', body)).status).toBe(200);
  // A scrape has little patience with a database that is slow for a moment.
  await until(async () => {
    shown = parseExposition(await server.metrics());
    const stored = ['certificate_not_after_timestamp_seconds', 'events_unsealed', 'webhook_messages', 'certificates'];
    return stored.every((name) => shown.of(`certkeep_${name}`).length > 0);
  });
});
afterAll(() => server.close());

describe('the page on monitoring', () => {
  it('names every metric that a scrape shows, and no other', () => {
    const own = [...shown.names].filter((name) => !LIBRARY.test(name));
    expect(own.length).toBeGreaterThan(20);
    expect([...documented.keys()].sort()).toEqual(own.sort());
  });

  it('names the labels that the metrics have', () => {
    for (const [name, labels] of documented) {
      const [sample] = [...shown.of(name), ...shown.of(`${name}_count`)];
      expect([name, Object.keys(sample?.labels ?? {}).sort()]).toEqual([name, [...labels].sort()]);
    }
  });
});

describe('each alert', () => {
  it('is of metrics that a scrape shows', () => {
    const used = rules.flatMap(({ alert, expr }) =>
      [...expr.matchAll(/\b(?:certkeep|http|db|process|nodejs)_[a-z_]+\b(?!")/g)]
        .map(([name]) => name)
        .filter((name) => !isLabel(name))
        .map((name) => ({ alert, name: name.replace(/(?<=_seconds)_(?:bucket|count|sum)$/, '') })),
    );
    expect(used.length).toBeGreaterThan(rules.length);
    expect(used.filter(({ name }) => !shown.names.has(name))).toEqual([]);
  });

  it('has a name of its own, a severity, a summary and what to do', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { labels, annotations } of rules) {
      expect(['critical', 'warning', 'info']).toContain(labels['severity']);
      expect(Object.keys(annotations).sort()).toEqual(['description', 'summary']);
    }
  });
});

function isLabel(name: string): boolean {
  return name === 'http_route' || name === 'http_request_method' || name === 'http_response_status_code';
}
