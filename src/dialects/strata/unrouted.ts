import type { FastifyReply, FastifyRequest } from 'fastify';
import type { UnroutedAnswer } from '../../http/index.ts';
import { envelope, notPresent, Refusal } from './errors.ts';

/** What belongs to this dialect, whichever version of it a path names. */
const OWN = /^\/(?:config\/identity|sse\/config|oauth2|auth\/v1\/oauth2|am\/oauth2)(?:\/|$)/;

export function ownsPath(path: string): boolean {
  return OWN.test(path);
}

/** Clients write the colon of an action as it is, or percent-encoded (contract §1). */
export function canonicalPath(path: string): string {
  return path.replaceAll(/%3A/gi, ':');
}

export function answerUnrouted(_path: string | undefined, _status: number): UnroutedAnswer {
  const refusal = new Refusal('Malformed Command', ['the request could not be read']);
  return { contentType: 'application/json', body: JSON.stringify(envelope(refusal, '')) };
}

export function answerNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.code(404).send(envelope(notPresent(), request.id));
}
