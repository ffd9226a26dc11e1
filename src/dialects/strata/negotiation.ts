import type { FastifyInstance } from 'fastify';
import { Refusal, shorten } from './errors.ts';

/** One element of an Accept header (RFC 9110 §12.5.1). */
interface AcceptedRange {
  /** In lower case, without parameters. */
  readonly range: string;
  /** 0 for what is not wanted. */
  readonly quality: number;
}

/** What covers JSON, the more specific first. A lone asterisk is what old Java clients send. */
const COVERING = ['application/json', 'application/*', '*/*', '*'];

/** Refuses requests whose Accept header leaves out JSON: there is nothing else here (contract §9). */
export function negotiate(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const { accept } = request.headers;
    if (!acceptsJson(accept)) {
      throw new Refusal(
        'Output Format Mismatch',
        ['answers are application/json, which the Accept header leaves out'],
        {
          about: `output-format=json Accept=${firstWantedIn(accept ?? '')}`,
        },
      );
    }
    done();
  });
}

/**
 * Whether an Accept header lets JSON be sent. Of several ranges that cover it the most specific decides.
 *
 * @param accept absent or empty, everything is welcome
 */
export function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') {
    return true;
  }
  const ranges = rangesIn(accept);
  const deciding = COVERING.find((covering) => ranges.some(({ range }) => range === covering));
  return ranges.some(({ range, quality }) => range === deciding && quality > 0);
}

/**
 * Whether a body may be read as JSON, by its Content-Type: any of the JSON types (RFC 6839 §3.1), and none.
 *
 * @param contentType the header; empty without one
 */
export function isJsonType(contentType: string): boolean {
  const [essence = ''] = contentType.split(';', 1);
  return /^(?:application\/(?:[\w.!#$&^-]+\+)?json)?$/i.test(essence.trim());
}

/** The `charset` parameter of a Content-Type header, in lower case; undefined without one. */
export function charsetOf(contentType: string): string | undefined {
  return /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1]?.toLowerCase();
}

function rangesIn(accept: string): AcceptedRange[] {
  // Commas and semicolons in quoted parameters divide nothing.
  const unquoted = accept.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  return unquoted.split(',').map((element) => {
    const [range = '', ...parameters] = element.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => /^q\s*=/.test(parameter))?.replace(/^q\s*=\s*/, '');
    return { range, quality: weight !== undefined && /^0(?:\.0*)?$/.test(weight) ? 0 : 1 };
  });
}

/** As the contract's example writes it: `xml` of `application/xml`. */
function firstWantedIn(accept: string): string {
  const range = rangesIn(accept)[0]?.range ?? '';
  return shorten(range.replace(/^[^/]*\//, ''));
}
