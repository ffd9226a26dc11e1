import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { keepCorpus } from './corpus/corpus.ts';
import { describeFindings, findFaults } from './report.ts';
import { fuzz } from './run.ts';

/** Reads mutated certificates, keys, requests and PKCS#12 files, and says what came of it (README.md). Ends with 1 where something is wrong. */

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    seed: { type: 'string' },
    corpus: { type: 'string', default: fileURLToPath(new URL('kept/corpus.json', import.meta.url)) },
  },
});
const [runs, seed] = [Number(values.runs), Number(values.seed ?? Date.now() % 2 ** 32)];
if (!Number.isSafeInteger(runs) || runs < 1 || !Number.isSafeInteger(seed)) {
  process.stderr.write('--runs is a whole number, 1 or more, and --seed a whole number\n');
  process.exit(2);
}

const corpus = keepCorpus(values.corpus);
const { certificate, privateKey, request, pkcs12 } = corpus;
const counts = `${certificate.length} certificates, ${privateKey.length} keys, ${request.length} requests, ${pkcs12.length} PKCS#12`;
process.stdout.write(`seed ${seed}, runs ${runs}, corpus ${corpus.id} (${counts}, in ${values.corpus})\n`);
const begin = performance.now();
const findings = fuzz(seed, runs, corpus);
process.stdout.write(describeFindings(findings));
process.stdout.write(`${Math.round((performance.now() - begin) / 1000)} s\n`);
const faults = findFaults(findings);
for (const fault of faults) process.stderr.write(`${fault}\n`);
process.exitCode = faults.length === 0 ? 0 : 1;
