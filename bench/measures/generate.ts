import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { Bench } from '../bench.ts';
import { PAIRS, postJson } from '../client.ts';
import { median, quantile } from '../statistics.ts';

const generateBare = promisify(generateKeyPair);

/** OpenSSL's own generation of the same key, with nothing around it. The command `openssl genpkey` would add a process's start. */
const BARE = {
  rsa: () => generateBare('rsa', { modulusLength: 4096, publicExponent: 0x10001 }),
  ecdsa: () => generateBare('ec', { namedCurve: 'prime256v1' }),
  ed25519: () => generateBare('ed25519'),
  ed448: () => generateBare('ed448'),
} as const;

const MAX_SAMPLES = 200;
/** For each round. An RSA key takes now a tenth and now five times as long as usual: it needs time to find a median. */
const SECONDS = { rsa: 11, ecdsa: 1, ed25519: 1, ed448: 1 } as const;

let names = 0;

/** One key after the other, by turns: OpenSSL's own in this process, and a whole stored pair by the server. */
export async function generate({ rounds, report, server, hold }: Bench): Promise<void> {
  await hold(10_000);
  for (const alg of ['rsa', 'ecdsa', 'ed25519', 'ed448'] as const) {
    const ours = () =>
      postJson(server, `${PAIRS}generate/`, { common_name: `generated ${names++}`, validity_days: 30, alg });
    const times: { readonly bare: number; readonly ours: number }[] = [];
    if (alg !== 'rsa') {
      await ours();
    }
    const end = performance.now() + SECONDS[alg] * rounds * 1000;
    while (times.length < MAX_SAMPLES && performance.now() < end) {
      times.push({ bare: await millisecondsOf(BARE[alg]), ours: await millisecondsOf(ours) });
    }
    const [bare, served] = [times.map((time) => time.bare), times.map((time) => time.ours)];
    report.figures(`generate ${alg}: each ${times.length} times`, [
      ...figuresOf('OpenSSL alone', bare),
      ...figuresOf('Certkeep, stored', served),
      { name: 'ratio of the medians', value: median(served) / median(bare), unit: '' },
    ]);
  }
}

function figuresOf(who: string, times: readonly number[]) {
  return [
    { name: `${who}: median`, value: median(times), unit: 'ms' },
    { name: `${who}: first quartile`, value: quantile(times, 0.25), unit: 'ms' },
    { name: `${who}: third quartile`, value: quantile(times, 0.75), unit: 'ms' },
  ];
}

async function millisecondsOf(act: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await act();
  return performance.now() - begin;
}
