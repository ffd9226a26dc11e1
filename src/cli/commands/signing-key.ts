import { OPERATOR } from '../../audit/index.ts';
import { readConfig } from '../../config.ts';
import { signingKeys } from '../../dialects/strata/index.ts';
import type { Commands } from './command.ts';
import { readOptions } from './options.ts';
import { withStore } from './store.ts';

export const signingKeyCommands: Commands = {
  'signing-key rotate': {
    usage: `signing-key rotate [--revoke]
      Makes another key sign the access tokens of the Strata API; servers follow within five seconds. The tokens of before stay good until
      they end; with --revoke they end now.`,
    async run(parameters) {
      const { values } = readOptions(parameters, { revoke: { type: 'boolean', default: false } });
      const { signingKeyDays } = readConfig(process.env).strata;
      const { kid, removed } = await withStore(({ keypairs }) =>
        signingKeys({ keypairs, signingKeyDays, now: () => new Date() }).rotate(OPERATOR, { isRevoked: values.revoke }),
      );
      const revoked = values.revoke ? `, and ${removed} earlier ${removed === 1 ? 'key is' : 'keys are'} gone` : '';
      process.stdout.write(`key ${kid} signs access tokens now${revoked}\n`);
      return 0;
    },
  },
};
