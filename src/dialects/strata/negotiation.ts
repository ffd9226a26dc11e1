import type { FastifyInstance } from 'fastify';
import { acceptedRanges, qualityOf } from '../../http/index.ts';
import { Refusal, shorten } from './errors.ts';

/** Refuses requests whose Accept header leaves out JSON: there is nothing else here (contract §9). */
export function negotiate(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const ranges = acceptedRanges(request.headers.accept);
    if (!((qualityOf('application/json', ranges) ?? 0) > 0)) {
      throw new Refusal(
        'Output Format Mismatch',
        ['answers are application/json, which the Accept header leaves out'],
        {
          about: `output-format=json Accept=${shortTypeOf(ranges[0]?.range ?? '')}`,
        },
      );
    }
    done();
  });
}

/** As the contract's example writes it: `xml` of `application/xml`. */
function shortTypeOf(range: string): string {
  return shorten(range.replace(/^[^/]*\//, ''));
}
