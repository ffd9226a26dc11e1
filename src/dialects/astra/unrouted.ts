import type { FastifyReply, FastifyRequest } from 'fastify';
import type { UnroutedAnswer } from '../../http/index.ts';
import { answerToUnrouted, bodyOf } from './error-answers.ts';
import { PROBLEM_TYPE, Problem, problemBody } from './errors.ts';

/** The account is the root of every path (contract §1). */
export function ownsPath(path: string): boolean {
  return /^\/accounts(?:\/|$)/.test(path);
}

/** An answer where there is no route: a problem like any other (contract §6). */
export function answerUnrouted(_path: string | undefined, status: number, requestId: string): UnroutedAnswer {
  return { contentType: PROBLEM_TYPE, body: JSON.stringify(bodyOf(answerToUnrouted(status), requestId)) };
}

/** Clients ask for collections that there are not, to word a message about another answer (contract §8). */
export function answerNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  // As bytes: Fastify adds a charset to the type of a string.
  const body = Buffer.from(JSON.stringify(problemBody(new Problem(2), request.id)));
  return reply.code(404).header('content-type', PROBLEM_TYPE).send(body);
}
