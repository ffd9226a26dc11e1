import crypto, { type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Generates each RSA and DSA key once and keeps it for the runs to come: the tests run once for each of thousands of mutants, and
 * most of their time would go into finding primes. Two keys of one kind stay two, told apart by their turn. A mutant of what is
 * asked for asks for another kind, which is generated.
 */

const FOLDER = join(import.meta.dirname, '../../coverage/mutation-keys');

interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

type Generate<Result> = (type: string, options?: object) => Result;

const isDear = (type: string): boolean => ['rsa', 'rsa-pss', 'dsa'].includes(type);

function load(name: string, make: () => KeyObject): KeyObject {
  const path = join(FOLDER, `${crypto.createHash('sha256').update(name).digest('hex')}.pem`);
  if (existsSync(path)) return crypto.createPrivateKey(readFileSync(path));
  const key = make();
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(path, key.export({ format: 'pem', type: 'pkcs8' }));
  return key;
}

function install(): void {
  const sync = crypto.generateKeyPairSync as unknown as Generate<Pair>;
  const asynchronous = promisify(crypto.generateKeyPair) as unknown as Generate<Promise<Pair>>;
  const turns = new Map<string, number>();
  const keptPair: Generate<Pair> = (type, options) => {
    const kind = `${type} ${JSON.stringify(options)}`;
    const turn = (turns.get(kind) ?? 0) + 1;
    turns.set(kind, turn);
    const privateKey = load(`${kind} ${turn}`, () => sync(type, options).privateKey);
    return { privateKey, publicKey: crypto.createPublicKey(privateKey) };
  };
  const generate: Generate<Promise<Pair>> = async (type, options) =>
    isDear(type) ? keptPair(type, options) : asynchronous(type, options);
  Object.assign(crypto, {
    generateKeyPairSync: (type: string, options?: object) => (isDear(type) ? keptPair : sync)(type, options),
    generateKeyPair: Object.assign(() => undefined, { [promisify.custom]: generate }),
  });
  syncBuiltinESMExports();
}

// This file runs before each test file, in one worker: a second layer would take the first one's keys for new ones.
const INSTALLED = Symbol.for('certkeep.mutation.keys-once');
if (!(INSTALLED in crypto)) {
  Object.defineProperty(crypto, INSTALLED, { value: true });
  install();
}
