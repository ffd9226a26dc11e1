import { STATUS_CODES } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { UnroutedAnswer } from '../../http/index.ts';
import { originalHeaders } from './headers.ts';

const API = '/api/v3/';

/** Inside its API the original answers in JSON, outside in HTML. Who names no path is most likely a client of the API. */
export function answerUnrouted(path: string | undefined, status: number): UnroutedAnswer {
  const text = STATUS_CODES[status] ?? 'Error';
  return path === undefined || path.startsWith(API)
    ? { contentType: 'application/json', body: JSON.stringify({ detail: `${text}.` }) }
    : { contentType: 'text/html; charset=utf-8', body: page(text, 'The request could not be read.') };
}

/** A path that is no route gets a page, also inside the API, whatever the method (contract §1.8). */
export function answerNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply
    .code(404)
    .headers(originalHeaders(request))
    .header('content-type', 'text/html; charset=utf-8')
    .send(page('Not Found', 'There is nothing at this address. Paths end with a slash.'));
}

function page(title: string, text: string): string {
  return `<!doctype html>
<html lang="en">
<head><title>${title}</title></head>
<body><h1>${title}</h1><p>${text}</p></body>
</html>
`;
}
