import type { StoredMessage } from '../../operations/index.ts';
import { type Commands, UsageError } from './command.ts';
import { readOptions } from './options.ts';
import { withStore } from './store.ts';
import { minute, tableText } from './text-output.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const webhookCommands: Commands = {
  'webhook test': {
    usage: `webhook test
      Sends a test message to CERTKEEP_WEBHOOK_URL now, and says what became of it.`,
    async run(parameters) {
      readOptions(parameters, {});
      const outcome = await withStore(({ webhooks }) => webhooks.test());
      if (outcome.kind === 'delivered') {
        process.stdout.write(`delivered: answered with status ${outcome.status} after ${outcome.milliseconds} ms\n`);
        return 0;
      }
      const reason = outcome.kind === 'failed' ? outcome.reason : 'CERTKEEP_WEBHOOK_URL is not set';
      process.stderr.write(`not delivered: ${reason}\n`);
      return 1;
    },
  },

  'webhook list': {
    usage: `webhook list [--failed]
      Lists the messages of the last 30 days, the newest first, a thousand at the most; with --failed those that were given up.`,
    async run(parameters) {
      const { values } = readOptions(parameters, { failed: { type: 'boolean', default: false } });
      const messages = await withStore(({ webhooks }) => webhooks.list({ failedOnly: values.failed }));
      process.stdout.write(tableText([COLUMNS, ...messages.map(rowOf)]));
      return 0;
    },
  },

  'webhook retry': {
    usage: `webhook retry ID|--failed
      Has a message sent again that was given up, or at once that waits for its next attempt; with --failed all that were given up.`,
    async run(parameters) {
      const isOption = parameters.some((parameter) => parameter.startsWith('-'));
      const { values, operands } = readOptions(parameters, { failed: { type: 'boolean' } }, isOption ? 0 : 1);
      const [id] = operands;
      if (values.failed !== true && !UUID.test(id ?? '')) {
        throw new UsageError('ID is a UUID, as "webhook list" shows it');
      }
      const count = await withStore(({ webhooks }) => webhooks.retry(id));
      if (count === 0 && id !== undefined) {
        process.stderr.write('no such message waits or was given up\n');
        return 1;
      }
      process.stdout.write(`${count} ${count === 1 ? 'is' : 'are'} sent again\n`);
      return 0;
    },
  },
};

const COLUMNS = ['ID', 'TYPE', 'STATE', 'ATTEMPTS', 'CREATED', 'NEXT', 'SETTLED', 'LAST FAILURE'];

function rowOf({ id, type, state, attempts, createdAt, nextAttemptAt, settledAt, lastError }: StoredMessage): string[] {
  return [
    id,
    type,
    state,
    String(attempts),
    minute(createdAt.toISOString()),
    minute(state === 'pending' ? nextAttemptAt.toISOString() : null),
    minute(settledAt?.toISOString() ?? null),
    lastError ?? '-',
  ];
}
