import '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ANSWERS, SCHEMA, SCHEMA_TYPES } from './route.ts';
import { pathErrors, readErrors } from './schemas.ts';

const document = z.record(z.string(), z.unknown());

/** GET `/api/v3/schema/`: the description of this API, made from the routes' own schemas; YAML unless JSON is asked for (contract §5). */
export function openapi(app: FastifyInstance): void {
  const documents = documentsOf(app);
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
    config: { operation: 'authentik.schema', authentik: ANSWERS.schema },
    handler: (request, reply) =>
      reply
        .header('content-type', request.answerType)
        .send(request.answerType.endsWith('json') ? documents.json() : documents.yaml()),
  });
}

/** Written once each, at the first request: that takes longer than a request may, and anybody may ask. */
function documentsOf(app: FastifyInstance) {
  return {
    json: once(() => Buffer.from(JSON.stringify(app.swagger()))),
    yaml: once(() => Buffer.from(app.swagger({ yaml: true }))),
  };
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
