import type { FastifyReply, FastifyRequest } from 'fastify';
import type { UnroutedAnswer } from '../../http/index.ts';
import { answerToUnrouted } from './error-answers.ts';
import { type ErrorAnswer, envelope, notPresent } from './errors.ts';
import { oauthErrorBody } from './oauth2/errors.ts';

/** What belongs to this dialect, whichever version of it a path names. */
const OWN = /^\/(?:config\/identity|sse\/config|oauth2|auth\/v1\/oauth2|am\/oauth2)(?:\/|$)/;
/** Of these, where errors have OAuth2's shape (contract §1.1). */
const OAUTH2 = /^\/(?:auth\/v1\/|am\/)?oauth2(?:\/|$)/;

export function ownsPath(path: string): boolean {
  return OWN.test(path);
}

/** Clients write the colon of an action as it is, or percent-encoded (contract §1). */
export function canonicalPath(path: string): string {
  return path.replaceAll(/%3A/gi, ':');
}

/** An answer where there is no route: in the envelope like any other (contract §9). */
export function answerUnrouted(path: string | undefined, status: number, requestId: string): UnroutedAnswer {
  const answer = answerToUnrouted(status, path === undefined || isDecodable(path));
  return { contentType: 'application/json', body: JSON.stringify(bodyAt(path ?? '', answer, requestId)) };
}

export function answerNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const body = bodyAt(request.url.split('?', 1)[0] ?? '', notPresent(), request.id);
  // As bytes: Fastify adds a charset to the type of a string.
  return reply
    .code(404)
    .header('content-type', 'application/json')
    .send(Buffer.from(JSON.stringify(body)));
}

function bodyAt(path: string, answer: ErrorAnswer, requestId: string): object {
  return OAUTH2.test(path) ? oauthErrorBody(answer.status) : envelope(answer, requestId);
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
