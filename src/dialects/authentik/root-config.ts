import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { answer } from '../../http/index.ts';
import { ANSWERS, ROOT_CONFIG } from './route.ts';
import { pathErrors, readErrors } from './schemas.ts';

/** What the original's clients read before anything else. Terraform would start an error reporter, were it enabled. */
const CONFIG = {
  error_reporting: {
    enabled: false,
    sentry_dsn: '',
    environment: 'customer',
    send_pii: false,
    traces_sample_rate: 0,
  },
  capabilities: [],
  cache_timeout: 300,
  cache_timeout_flows: 300,
  cache_timeout_policies: 300,
  // Clients of 2024 require it.
  cache_timeout_reputation: 300,
};

const seconds = z.number().meta({ type: 'integer' });

const config = z
  .object({
    error_reporting: z
      .object({
        enabled: z.boolean(),
        sentry_dsn: z.string(),
        environment: z.string(),
        send_pii: z.boolean(),
        traces_sample_rate: z.number().meta({ format: 'double' }),
      })
      .meta({ id: 'ErrorReportingConfig' }),
    capabilities: z.array(z.string()),
    cache_timeout: seconds,
    cache_timeout_flows: seconds,
    cache_timeout_policies: seconds,
    cache_timeout_reputation: seconds,
  })
  .meta({ id: 'Config' });

/** GET `/api/v3/root/config/`: for everybody, because clients ask before they have a token (contract §5). */
export function rootConfig(app: FastifyInstance): void {
  app.get(ROOT_CONFIG, {
    schema: {
      operationId: 'root_config_retrieve',
      description: 'Public configuration that clients ask for first.',
      tags: ['root'],
      security: [],
      response: { 200: answer('The configuration', config), ...pathErrors, 503: readErrors[503] },
    },
    config: { operation: 'authentik.root.config', authentik: ANSWERS.rootConfig },
    handler: () => CONFIG,
  });
}
