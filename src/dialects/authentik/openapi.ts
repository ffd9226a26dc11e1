import '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ALLOW, SCHEMA, SCHEMA_TYPES } from './route.ts';
import { pathErrors, readErrors } from './schemas.ts';

const document = z.record(z.string(), z.unknown());

/** GET `/api/v3/schema/`: the description of this API, made from the routes' own schemas; YAML unless JSON is asked for (contract §5). */
export function openapi(app: FastifyInstance): void {
  app.get(SCHEMA, {
    schema: {
      tags: ['root'],
      operationId: 'schema_retrieve',
      description: 'The description of this API in OpenAPI 3.0.',
      security: [],
      querystring: z.object({ format: z.enum(['json', 'yaml']).optional() }),
      response: {
        200: {
          description: 'The description',
          content: Object.fromEntries(SCHEMA_TYPES.map((type) => [type, { schema: document }])),
        },
        ...pathErrors,
        503: readErrors[503],
      },
    },
    config: { operation: 'authentik.schema', authentik: { allow: ALLOW.view, renders: SCHEMA_TYPES } },
    handler(request, reply) {
      reply.header('content-type', request.answerType);
      return isJson(request.answerType) ? JSON.stringify(app.swagger()) : app.swagger({ yaml: true });
    },
  });
}

function isJson(mediaType: string): boolean {
  return mediaType.endsWith('json');
}
