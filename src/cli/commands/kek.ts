import { generateKek, type KekOverview, KekRefused } from '../../sealing/index.ts';
import type { Command, Commands } from './command.ts';
import { readOptions } from './options.ts';
import { progressLine } from './progress.ts';
import { withStore } from './store.ts';

export const kekCommands: Commands = {
  'kek generate': {
    usage: `kek generate
      Prints a new key-encryption key for CERTKEEP_KEK.`,
    async run(parameters) {
      readOptions(parameters, {});
      process.stdout.write(`${generateKek()}\n`);
      return 0;
    },
  },
  'kek list': {
    usage: `kek list
      Shows the key-encryption keys of this store: id, state and since when, how many secrets are wrapped under it, which servers hold it.`,
    async run(parameters) {
      readOptions(parameters, {});
      process.stdout.write(table(await withStore(({ keks }) => keks.list())));
      return 0;
    },
  },
  'kek rotate': refusable({
    usage: `kek rotate [--to ID] [--force]
      Makes the new key-encryption key the one that seals, and wraps every secret under it, while servers run. Goes on where it was
      interrupted. Refused while a running server does not hold the new key, unless with --force.`,
    async run(parameters) {
      const { values } = readOptions(parameters, {
        to: { type: 'string' },
        force: { type: 'boolean', default: false },
      });
      const { to, force } = values;
      const progress = progressLine('secrets re-wrapped');
      const { kekId, rewrapped, failed } = await withStore(({ keks }) =>
        keks.rotate({
          force,
          ...(to === undefined ? {} : { to }),
          watcher: {
            onBegin: (id, before) =>
              progress.say(before === undefined ? `KEK ${id} seals` : `KEK ${id} seals now, not ${before}`),
            onProgress: progress.report,
            onFailure: (error) => progress.say(`left as it is: ${error.message}`),
          },
        }),
      );
      progress.end();
      process.stdout.write(`${rewrapped} re-wrapped under KEK ${kekId}, ${failed} left as they are\n`);
      return failed === 0 ? 0 : 1;
    },
  }),
  'kek retire': refusable({
    usage: `kek retire ID
      Retires a key-encryption key under which nothing is wrapped: nothing can be sealed with it any more, and no server needs it.`,
    async run(parameters) {
      const { operands } = readOptions(parameters, {}, 1);
      const [id = ''] = operands;
      const isNew = await withStore(({ keks }) => keks.retire(id));
      process.stdout.write(`KEK ${id} is retired${isNew ? '' : ' already'}\n`);
      return 0;
    },
  }),
};

/** What is refused ends with a message and status 1. */
function refusable({ usage, run }: Command): Command {
  return {
    usage,
    async run(parameters) {
      try {
        return await run(parameters);
      } catch (error) {
        if (!(error instanceof KekRefused)) {
          throw error;
        }
        process.stderr.write(`${error.message}\n`);
        return 1;
      }
    },
  };
}

function table(keks: readonly KekOverview[]): string {
  const rows = keks.map(({ id, state, since, secrets, servers }) => [
    id,
    state,
    since.toISOString(),
    String(secrets),
    servers.join(' ') || '-',
  ]);
  const lines = [['ID', 'STATE', 'SINCE', 'SECRETS', 'SERVERS'], ...rows];
  const widths = [36, 8, 24, 8];
  return lines.map((cells) => `${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')}\n`).join('');
}
