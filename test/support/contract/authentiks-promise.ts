import { type Answer, mediaTypeOf, methodOf, pathOf, queryOf } from './answer.ts';
import { authentiks } from './descriptions.ts';

/** How an answer stands to authentik's schema. */
export type Standing =
  /** It is described there. */
  | 'described'
  /** Its status is one that the original answers although its schema doesn't say so. */
  | 'undescribed'
  /** It breaks the schema exactly where the original does. */
  | 'exception'
  /** Its path or method is none of the schema's. */
  | 'unrelated';

/** Answered by the original beyond its schema (contract §1.8), and what a server answers that is overloaded or below its routes. */
const UNDESCRIBED_STATUSES = [404, 405, 406, 408, 413, 414, 415, 429, 431, 500, 503];

/** Where the original breaks its own schema. */
const EXCEPTIONS: readonly { readonly reason: string; covers(answer: Answer): boolean }[] = [
  {
    reason: 'A search with U+0000 is refused with a bare array of texts (contract §1.7).',
    covers: ({ url, status, body }) =>
      status === 400 &&
      queryOf(url).getAll('search').at(-1)?.includes('\0') === true &&
      Buffer.from(body).toString() === '["Null characters are not allowed."]',
  },
  {
    reason: 'A download is the text itself, as application/x-pem-file (contract §1.6).',
    covers: (answer) =>
      answer.status === 200 &&
      /\/view_(certificate|private_key)\/$/.test(pathOf(answer.url)) &&
      queryOf(answer.url).has('download') &&
      mediaTypeOf(answer) === 'application/x-pem-file',
  },
  {
    reason: "Generate's 400 is described without a body; the original sends the fields' errors (contract §1.4).",
    covers: (answer) =>
      answer.status === 400 && pathOf(answer.url).endsWith('/generate/') && mediaTypeOf(answer) === 'application/json',
  },
];

/** What an answer breaks of authentik's schema, and how it stands to it. */
export function heldAgainstAuthentik(answer: Answer): { standing: Standing; breaches: string[] } {
  const method = methodOf(answer);
  const operation = method && authentiks().pathOf(answer)?.item[method === 'head' ? 'get' : method];
  if (operation === undefined) {
    return { standing: 'unrelated', breaches: [] };
  }
  const described = operation.responses[answer.status];
  if (described === undefined) {
    return UNDESCRIBED_STATUSES.includes(answer.status)
      ? { standing: 'undescribed', breaches: [] }
      : { standing: 'described', breaches: ['the original knows no such status here'] };
  }
  const breaches = authentiks().breaches(answer, described);
  return breaches.length > 0 && EXCEPTIONS.some(({ covers }) => covers(answer))
    ? { standing: 'exception', breaches: [] }
    : { standing: 'described', breaches };
}
