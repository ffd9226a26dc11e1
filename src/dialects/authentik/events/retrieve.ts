import type { FastifyInstance } from 'fastify';
import type { EventQueries } from '../../../audit/index.ts';
import { answer } from '../../../http/index.ts';
import { eventNotFound, notFound } from '../errors.ts';
import { Query } from '../query.ts';
import { ANSWERS, EVENT, uuidOf } from '../route.ts';
import { readErrors } from '../schemas.ts';
import { eventFilterOf } from './query.ts';
import { renderEvent } from './render.ts';
import { event, eventFilterParameters, eventParameter } from './schemas.ts';

/** GET `events/events/{event_uuid}/`: one event, where it passes the filters of the query too (contract §1.2, §4). */
export function retrieveEvent(app: FastifyInstance, { events }: { readonly events: EventQueries }): void {
  app.get(EVENT, {
    schema: {
      tags: ['events'],
      operationId: 'events_events_retrieve',
      description: 'Shows one event.',
      params: eventParameter,
      querystring: eventFilterParameters,
      response: { 200: answer('The event', event), ...readErrors },
    },
    config: { operation: 'authentik.events.retrieve', authentik: ANSWERS.event },
    async handler(request) {
      const filter = eventFilterOf(new Query(request));
      const { event_uuid: written } = request.params as { event_uuid: string };
      const id = uuidOf(written);
      if (id === undefined) {
        throw notFound();
      }
      const found = await events.find(id, filter);
      if (found === undefined) {
        throw eventNotFound();
      }
      return renderEvent(found);
    },
  });
}
