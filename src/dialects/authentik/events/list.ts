import type { FastifyInstance } from 'fastify';
import type { EventQueries } from '../../../audit/index.ts';
import { answer, departureSignal } from '../../../http/index.ts';
import { pageOf, paginationOf, rowsOf } from '../paging.ts';
import { Query } from '../query.ts';
import { ANSWERS, EVENTS } from '../route.ts';
import { readErrors } from '../schemas.ts';
import { eventFilterOf, eventOrdersOf } from './query.ts';
import { renderEvent } from './render.ts';
import { eventList, eventListParameters } from './schemas.ts';

/** GET `events/events/`: one page of events, the newest first (contract §4). */
export function listEvents(app: FastifyInstance, { events }: { readonly events: EventQueries }): void {
  app.get(EVENTS, {
    schema: {
      tags: ['events'],
      operationId: 'events_events_list',
      description: 'Lists who did and who saw what, the newest first. No event holds a secret.',
      querystring: eventListParameters,
      response: { 200: answer('One page of events', eventList), ...readErrors },
    },
    config: { operation: 'authentik.events.list', authentik: ANSWERS.events },
    async handler(request, reply) {
      const query = new Query(request);
      const filter = eventFilterOf(query);
      const page = pageOf(query);
      const departure = () => departureSignal(reply);
      const found = await events.list(filter, eventOrdersOf(query), rowsOf(page), departure);
      return {
        pagination: paginationOf(page, found.total, found.events.length),
        results: found.events.map(renderEvent),
        autocomplete: {},
      };
    },
  });
}
