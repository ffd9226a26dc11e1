#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { readConfig } from '../config.ts';
import { explainFailure, openStore } from '../operations/index.ts';
import { generateKek } from '../sealing/index.ts';
import { version } from '../version.ts';

const USAGE = `Usage:
  certkeep token create --username NAME [--superuser] [--description TEXT]
      Makes an API token and prints it, once. --superuser gives it every right.
  certkeep kek generate
      Prints a new key-encryption key for CERTKEEP_KEK.
  certkeep --version

The database is the one that the server would use: DATABASE_URL, or the embedded one of CERTKEEP_DATA_DIR while no server runs on it.
`;

/** sysexits.h, EX_USAGE. */
const EX_USAGE = 64;

async function run(arguments_: readonly string[]): Promise<number> {
  const [noun, verb, ...rest] = arguments_;
  switch ([noun, verb].filter((word) => word !== undefined).join(' ')) {
    case 'token create':
      return createToken(rest);
    case 'kek generate':
      process.stdout.write(`${generateKek()}\n`);
      return 0;
    case '--version':
      process.stdout.write(`${version}\n`);
      return 0;
    case '':
    case '--help':
      process.stdout.write(USAGE);
      return 0;
    default:
      process.stderr.write(USAGE);
      return EX_USAGE;
  }
}

async function createToken(arguments_: string[]): Promise<number> {
  const { username, superuser, description } = readOptions(arguments_);
  if (username === undefined || username === '') {
    process.stderr.write(USAGE);
    return EX_USAGE;
  }
  const config = readConfig(process.env);
  const store = await openStore({ config, log: pino({ level: 'silent' }) });
  try {
    const { token, isSuperuser } = await store.tokens.create({ username, isSuperuser: superuser, description });
    process.stdout.write(`${token}\n`);
    if (isSuperuser && !superuser) {
      process.stderr.write(`Note: ${username} is a superuser already, so this token carries every right too.\n`);
    }
    return 0;
  } finally {
    await store.close();
  }
}

function readOptions(arguments_: string[]) {
  try {
    return parseArgs({
      args: arguments_,
      options: {
        username: { type: 'string' },
        superuser: { type: 'boolean', default: false },
        description: { type: 'string', default: '' },
      },
    }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n`);
    return { username: undefined, superuser: false, description: '' };
  }
}

run(process.argv.slice(2)).then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    const { text, exitCode } = explainFailure(error);
    process.stderr.write(`${text}\n`);
    process.exit(exitCode);
  },
);
