import type { FastifyReply, FastifyRequest } from 'fastify';

/** What a dialect says where no route of it is reached. */
export interface UnroutedAnswer {
  readonly contentType: string;
  readonly body: string;
}

/** The part of a dialect that is asked before there is a route: each path belongs to one, and errors have that one's shape. */
export interface Dialect {
  owns(path: string): boolean;
  /** The path as this dialect's original reads it before it looks for a route; as it stands unless this is given. */
  canonicalPath?(path: string): string;
  /** How requests to it are named, in its answers, in the log and in events: a UUID of version 4 with its hyphens, or, unless this is given, without. */
  readonly requestIdForm?: 'uuid' | 'hex';
  /**
   * The answer to a request that Node or Fastify refused before routing.
   *
   * @param path `undefined` where the request ended before it named one
   * @param status 400, 408, 413, 414, 417, 431 or 503; of a request that was refused in front of all routes any other
   * @param requestId in the form of this dialect, as the log has it where the request is logged
   */
  answerUnrouted(path: string | undefined, status: number, requestId: string): UnroutedAnswer;
  /** The answer to a path that is no route. */
  answerNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply;
}
