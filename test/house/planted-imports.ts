/** What a file of each folder may import, and what the linter must refuse it. */
export const PLANTED: Record<string, { readonly allowed: readonly string[]; readonly refused: readonly string[] }> = {
  'src/config.ts': {
    allowed: ['node:fs', 'zod', './environment.ts'],
    refused: ['./version.ts', './keypairs/index.ts', './database/index.ts', '../package.json'],
  },
  'src/x509/planted.ts': {
    allowed: ['./pem.ts', './der/reader.ts', 'node:buffer', 'node:crypto', 'node-forge', 'node-forge/lib/asn1.js'],
    refused: [
      '../keypairs/index.ts',
      '../config.ts',
      '../version.ts',
      'fastify',
      'zod',
      'pg',
      'node:fs',
      'node:worker_threads',
    ],
  },
  'src/x509/der/planted.ts': {
    allowed: ['./error.ts'],
    refused: ['../../keypairs/index.ts', '../../config.ts', 'zod'],
  },
  'src/x509/worker/planted.ts': {
    allowed: ['./thread.ts', '../errors.ts', '../chain.ts', 'node:worker_threads'],
    refused: [
      '../../keypairs/index.ts',
      '../../config.ts',
      './../../version.ts',
      'node:fs',
      'node:child_process',
      'zod',
    ],
  },
  'src/x509/issuing/planted.ts': {
    allowed: ['./names.ts', '../pem.ts', '../der/writer.ts', 'node:crypto'],
    refused: ['../../keypairs/index.ts', '../../config.ts', './../../version.ts', 'zod', 'node:fs'],
  },
  'src/keypairs/planted.ts': {
    allowed: ['./name.ts', '../x509/index.ts', '../sealing/index.ts', '../audit/index.ts', '../database/index.ts'],
    refused: [
      ...['fastify', '@fastify/swagger', 'fastify-type-provider-zod', '../access/index.ts', '../x509/pem.ts'],
      ...['../sealing/envelope.ts', '../database/client.ts', '../database/generated/client.ts', '../config.ts'],
      ...['../dialects/authentik/index.ts', '../operations/index.ts', '../app.ts'],
    ],
  },
  'src/keypairs/trust/planted.ts': {
    allowed: ['./trust-state.ts', '../keypair.ts', '../../x509/index.ts', '../../audit/index.ts'],
    refused: ['fastify', '../../access/index.ts', './../../access/index.ts', '../../x509/pem.ts', '../../config.ts'],
  },
  'src/sealing/planted.ts': {
    allowed: ['./kek.ts', '../database/index.ts'],
    refused: ['../keypairs/index.ts', '../x509/index.ts', '../access/index.ts', '../database/client.ts', 'fastify'],
  },
  'src/access/planted.ts': {
    allowed: ['./token.ts', '../database/index.ts', '../audit/index.ts'],
    refused: ['../keypairs/index.ts', '../sealing/index.ts', '../audit/actor.ts', '../config.ts', 'fastify'],
  },
  'src/audit/planted.ts': {
    allowed: ['./actor.ts', '../database/index.ts'],
    refused: ['../keypairs/index.ts', '../access/index.ts', '../database/client.ts', 'fastify'],
  },
  'src/database/planted.ts': {
    allowed: ['./client.ts', './generated/client.ts', './embedded/index.ts', 'pg', '@prisma/adapter-pg'],
    refused: ['../keypairs/index.ts', '../sealing/index.ts', '../config.ts', '../x509/index.ts', 'fastify'],
  },
  'src/database/embedded/planted.ts': {
    allowed: ['../errors.ts'],
    refused: ['../../keypairs/index.ts', '../../config.ts'],
  },
  'src/dialects/authentik/planted.ts': {
    allowed: [
      './errors.ts',
      '../../keypairs/index.ts',
      '../../x509/index.ts',
      '../../access/index.ts',
      '../../http/index.ts',
      'fastify',
      'zod',
    ],
    refused: [
      ...['../strata/index.ts', '../astra/errors.ts', '../../database/index.ts', '../../sealing/index.ts'],
      ...['../../keypairs/repository.ts', '../../x509/pem.ts', '../../config.ts', '../../operations/index.ts'],
      ...['node:crypto', 'crypto', 'pg', '@prisma/client', 'node-forge', 'node-forge/lib/pki.js'],
    ],
  },
  'src/dialects/authentik/events/planted.ts': {
    allowed: ['./schemas.ts', '../errors.ts', '../../../audit/index.ts', '../../../http/index.ts', 'zod'],
    refused: [
      ...['../../strata/index.ts', '../../../database/index.ts', '../../../audit/trail.ts', '../../../config.ts'],
      ...['node:crypto', 'pg', '@prisma/client'],
    ],
  },
  'src/dialects/strata/planted.ts': {
    allowed: ['../../keypairs/index.ts'],
    refused: ['../authentik/index.ts', '../authentik/errors.ts', '../../database/index.ts', 'node:crypto'],
  },
  'src/dialects/authentik/tokens/planted.ts': {
    allowed: ['./route.ts', '../errors.ts', '../../../access/index.ts', '../../../http/index.ts', 'fastify', 'zod'],
    refused: [
      ...['../../strata/index.ts', '../../../database/index.ts', '../../../access/tokens.ts', '../../../config.ts'],
      ...['./../../strata/index.ts', 'node:crypto', 'pg', '@prisma/client'],
    ],
  },
  'src/http/planted.ts': {
    allowed: ['./dialect.ts', '../access/index.ts', '../audit/index.ts', 'fastify'],
    refused: [
      '../keypairs/index.ts',
      '../dialects/authentik/index.ts',
      '../database/index.ts',
      './../sealing/index.ts',
    ],
  },
  'src/operations/planted.ts': {
    allowed: [
      './store.ts',
      '../keypairs/index.ts',
      '../sealing/index.ts',
      '../database/index.ts',
      '../http/index.ts',
      '../config.ts',
      '../environment.ts',
    ],
    refused: ['../dialects/authentik/index.ts', '../database/client.ts', '../keypairs/repository.ts', '../app.ts'],
  },
  'src/operations/expiry/planted.ts': {
    allowed: ['./watch.ts', '../errors.ts', '../../keypairs/index.ts', '../../x509/index.ts', '../../config.ts'],
    refused: [
      '../../x509/pem.ts',
      '../../dialects/authentik/index.ts',
      '../../database/client.ts',
      '../../app.ts',
      './../../app.ts',
    ],
  },
};
