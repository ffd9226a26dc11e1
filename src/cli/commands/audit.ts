import { FINDINGS, type Finding, formatHead, type Head, parseHead } from '../../audit/index.ts';
import { readConfig } from '../../config.ts';
import { type Commands, UsageError } from './command.ts';
import { readOptions } from './options.ts';
import { withStore } from './store.ts';

const SOUND = 0;
const TAMPERED = 1;
const UNVERIFIABLE = 2;

export const auditCommands: Commands = {
  'audit verify': {
    usage: `audit verify [--head NUMBER:MAC]… [--json]
      Verifies the audit trail, and that it holds the heads that the log or "audit head" told of. Prints what is wrong, then the last head.
      Exit code: 0 sound; 1 somebody tampered with it; 2 a key is not at hand, so that not all can be verified.`,
    async run(parameters) {
      const { values } = readOptions(parameters, {
        head: { type: 'string', multiple: true, default: [] },
        json: { type: 'boolean', default: false },
      });
      return verify(values.head.map(readHead), values.json);
    },
  },

  'audit head': {
    usage: `audit head
      Prints the last batch of the audit trail as --head takes it. Keep it where the database's owner can't change it.`,
    async run(parameters) {
      readOptions(parameters, {});
      const head = await withStore(({ audit }) => audit.head());
      if (head === undefined) {
        process.stderr.write('No events are sealed yet.\n');
        return 1;
      }
      process.stdout.write(`${formatHead(head)}\n`);
      return 0;
    },
  },

  'audit prune': {
    usage: `audit prune [--days DAYS]
      Drops events that are older than CERTKEEP_AUDIT_RETENTION_DAYS, or than DAYS. Needs a database role that may delete them.`,
    async run(parameters) {
      const { values } = readOptions(parameters, { days: { type: 'string' } });
      const days = values.days === undefined ? readConfig(process.env).auditRetentionDays : wholeDays(values.days);
      if (days === 0) {
        throw new UsageError(
          'events are kept for ever: say how many days with --days or CERTKEEP_AUDIT_RETENTION_DAYS',
        );
      }
      const dropped = await withStore(({ audit }) => audit.prune(days));
      process.stdout.write(`dropped the events of ${dropped} batches\n`);
      return 0;
    },
  },
};

async function verify(heads: readonly Head[], asJson: boolean): Promise<number> {
  const counts = { tampered: 0, unverifiable: 0, warning: 0 };
  const print = (fields: object, text: string) => process.stdout.write(`${asJson ? JSON.stringify(fields) : text}\n`);
  const { head, ...summary } = await withStore(({ audit }) =>
    audit.verify(heads, (finding) => {
      counts[finding.severity]++;
      print(finding, inWords(finding));
    }),
  );
  const { batches, sealedEvents, unsealedEvents } = summary;
  const last = head === undefined ? null : formatHead(head);
  print(
    { ...counts, ...summary, head: last },
    `${batches} batches with ${sealedEvents} events, ${unsealedEvents} not yet sealed; head ${last ?? 'none'}`,
  );
  return counts.tampered > 0 ? TAMPERED : counts.unverifiable > 0 ? UNVERIFIABLE : SOUND;
}

function inWords({ kind, batch, event }: Finding): string {
  const where = [
    ...(batch === undefined ? [] : [`batch ${batch}`]),
    ...(event === undefined ? [] : [`event ${event}`]),
  ];
  return `${kind}: ${where.join(', ')} ${FINDINGS[kind]}`;
}

function readHead(text: string): Head {
  const head = parseHead(text);
  if (head === undefined) {
    throw new UsageError(`${text} is no head: NUMBER:MAC, as "audit head" prints it`);
  }
  return head;
}

function wholeDays(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) {
    throw new UsageError('--days takes a whole number from 1 on');
  }
  return Number(text);
}
