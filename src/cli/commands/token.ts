import { randomUUID } from 'node:crypto';
import { TokenNotFound, type TokenRecord } from '../../access/index.ts';
import { OPERATOR } from '../../audit/index.ts';
import type { Store } from '../../operations/index.ts';
import { type Commands, UsageError } from './command.ts';
import { readOptions } from './options.ts';
import { tellingRefusals } from './refusals.ts';
import { withStore } from './store.ts';
import { jsonOf } from './text-output.ts';
import { expiryOf, namesAccount, reachOf, rightsOf } from './token-options.ts';
import { detailsOf, tableOf, viewOf } from './token-view.ts';

const PAGE = 500;

export const tokenCommands: Commands = {
  'token create': {
    usage: `token create --username NAME [--superuser] [--role ROLE] [--permission PERMISSION[@PK]]… [--realm REALM[:SCOPE]]…
                      [--identifier NAME] [--description TEXT] [--expires DATE|90m|12h|30d]
      Makes an API token and prints it, once. It may do what it is given and nothing else; --superuser gives every right. ROLE is reader,
      operator or administrator; with --realm astra or astra:ACCOUNT, by the id or the name of an account, also viewer, member, admin or owner.`,
    async run(parameters) {
      const { values } = readOptions(parameters, {
        username: { type: 'string' },
        superuser: { type: 'boolean', default: false },
        role: { type: 'string' },
        permission: { type: 'string', multiple: true, default: [] },
        realm: { type: 'string', multiple: true },
        identifier: { type: 'string', default: randomUUID() },
        description: { type: 'string', default: '' },
        expires: { type: 'string' },
      });
      const { username, identifier, description } = values;
      if (username === undefined || username.trim() === '') {
        throw new UsageError('--username is missing');
      }
      const expiresAt = expiryOf(values.expires, new Date());
      const { reach: written, ...rights } = rightsOf(values);
      // Where there is no store yet, there is no account either.
      const begins = !written.some(namesAccount);
      return tellingRefusals(async () => {
        const token = await withStore(
          async ({ tokens, accounts }) => {
            const reach = await reachOf(written, accounts);
            return tokens.create({ username, identifier, description, expiresAt, ...rights, reach });
          },
          { begins },
        );
        process.stdout.write(`${token}\n`);
      });
    },
  },

  'token list': {
    usage: `token list [--all] [--json]
      Lists the tokens and what they may do; with --all those that were revoked too.`,
    async run(parameters) {
      const { values } = readOptions(parameters, {
        all: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      });
      const tokens = await withStore((store) => everyToken(store, values.all));
      const now = new Date();
      const views = tokens.map((token) => viewOf(token, now));
      process.stdout.write(values.json ? jsonOf(views) : tableOf(views));
      return 0;
    },
  },

  'token describe': {
    usage: `token describe IDENTIFIER [--json]
      Shows what is known of a token, also of one that was revoked.`,
    async run(parameters) {
      const { values, operands } = readOptions(parameters, { json: { type: 'boolean', default: false } }, 1);
      const [identifier = ''] = operands;
      return tellingRefusals(async () => {
        const view = viewOf(await withStore((store) => findToken(store, identifier)), new Date());
        process.stdout.write(values.json ? jsonOf(view) : detailsOf(view));
      });
    },
  },

  'token revoke': {
    usage: `token revoke IDENTIFIER
      Takes a token away for good. Servers that run refuse it within five seconds.`,
    async run(parameters) {
      const [identifier = ''] = readOptions(parameters, {}, 1).operands;
      return tellingRefusals(async () => {
        const said = await withStore(async (store) => {
          const { revokedAt } = await findToken(store, identifier);
          if (revokedAt !== null) {
            return `it was revoked already, at ${revokedAt.toISOString()}`;
          }
          await store.tokens.revoke(OPERATOR, identifier);
          return 'revoked';
        });
        process.stdout.write(`${said}\n`);
      });
    },
  },
};

async function everyToken({ tokens }: Store, includeRevoked: boolean): Promise<TokenRecord[]> {
  const found: TokenRecord[] = [];
  for (let total = 1; found.length < total; ) {
    const page = await tokens.list({ includeRevoked }, [], { limit: PAGE, offset: found.length });
    found.push(...page.tokens);
    // A page may come out empty where tokens are revoked meanwhile.
    total = page.tokens.length === 0 ? found.length : page.total;
  }
  return found;
}

/** @throws {TokenNotFound} */
async function findToken({ tokens }: Store, identifier: string): Promise<TokenRecord> {
  const token = await tokens.find({ identifier, includeRevoked: true });
  if (token === undefined) {
    throw new TokenNotFound();
  }
  return token;
}
