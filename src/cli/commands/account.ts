import type { AccountOverview } from '../../access/index.ts';
import { OPERATOR } from '../../audit/index.ts';
import { type Commands, UsageError } from './command.ts';
import { readOptions } from './options.ts';
import { tellingRefusals } from './refusals.ts';
import { withStore } from './store.ts';
import { jsonOf, minute, tableText } from './text-output.ts';

export const accountCommands: Commands = {
  'account create': {
    usage: `account create --name NAME [--id UUID]
      Makes an account for the Astra API and prints its id; --id where scripts have an account's id in them.`,
    async run(parameters) {
      const { values } = readOptions(parameters, { name: { type: 'string' }, id: { type: 'string' } });
      const wanted = { name: given(values.name), id: values.id };
      return tellingRefusals(async () => {
        const { id } = await withStore(({ accounts }) => accounts.create(OPERATOR, wanted), { begins: true });
        process.stdout.write(`${id}\n`);
      });
    },
  },

  'account list': {
    usage: `account list [--json]
      Lists the accounts, and how many certificates each keeps.`,
    async run(parameters) {
      const { values } = readOptions(parameters, { json: { type: 'boolean', default: false } });
      const views = (await withStore(({ accounts }) => accounts.list())).map(viewOf);
      process.stdout.write(values.json ? jsonOf(views) : tableOf(views));
      return 0;
    },
  },

  'account rename': {
    usage: `account rename ACCOUNT --name NAME
      Gives an account, which ACCOUNT names by its id or its name, another name.`,
    async run(parameters) {
      const { values, operands } = readOptions(parameters, { name: { type: 'string' } }, 1);
      const [account = ''] = operands;
      const name = given(values.name);
      return tellingRefusals(async () => {
        await withStore(({ accounts }) => accounts.rename(OPERATOR, account, name));
        process.stdout.write('renamed\n');
      });
    },
  },

  'account delete': {
    usage: `account delete ACCOUNT
      Deletes an account that keeps no certificates. Tokens that reach it stay, and are let in nowhere by that.`,
    async run(parameters) {
      const [account = ''] = readOptions(parameters, {}, 1).operands;
      return tellingRefusals(async () => {
        await withStore(({ accounts }) => accounts.remove(OPERATOR, account));
        process.stdout.write('deleted\n');
      });
    },
  },
};

function given(name: string | undefined): string {
  if (name === undefined) {
    throw new UsageError('--name is missing');
  }
  return name;
}

/** An account as the commands show it. */
function viewOf({ id, name, certificates, createdAt }: AccountOverview) {
  return { id, name, certificates, created: createdAt.toISOString() };
}

function tableOf(views: readonly ReturnType<typeof viewOf>[]): string {
  const rows = views.map(({ id, name, certificates, created }) => [id, name, String(certificates), minute(created)]);
  return tableText([['ID', 'NAME', 'CERTIFICATES', 'CREATED'], ...rows]);
}
