import { z } from 'zod';
import { PROBLEM_TYPE } from './errors.ts';
import { CERTIFICATE_MEDIA_TYPE, certificate, problem } from './schemas.ts';

/** How the operations are described for OpenAPI. */

/** How every route is protected. */
export const SECURITY = [{ astraToken: [] }];

export const accountParameter = z.object({ account_id: z.string().meta({ format: 'uuid' }) });
export const certificateParameters = accountParameter.extend({ certificate_id: z.string().meta({ format: 'uuid' }) });

/** An answer with one certificate, in the media type that was asked for. */
export function certificateAnswer(description: string) {
  return {
    description,
    content: { 'application/json': { schema: certificate }, [CERTIFICATE_MEDIA_TYPE]: { schema: certificate } },
  };
}

/** @param numbers of the problems, as contract §6 counts them */
export function problemAnswer(numbers: string) {
  return { description: numbers, content: { [PROBLEM_TYPE]: { schema: problem } } };
}

/** Answers that every operation may give (contract §3.1, §6). */
export const readProblems = {
  400: problemAnswer('Problems 5, 6, 12, 33 and 35: parameters, headers or ids that are not sound'),
  401: problemAnswer('Problems 3 and 4: no token, or one that is not let in'),
  403: problemAnswer('Problem 11: a right that is missing'),
  404: problemAnswer('Problems 1, 2 and 18: no such certificate, collection or account'),
  406: problemAnswer('Problem 32: an Accept header that leaves out every media type that there is'),
  412: problemAnswer('Problem 38: a precondition that is not met'),
  429: problemAnswer('Too many requests of this token or this address. Retry-After says when to ask again.'),
  500: problemAnswer('Problem 34: a mistake of the server'),
  503: problemAnswer('Problem 41: too much waits, or the database is away. Retry-After says when to ask again.'),
};

/** Those of an operation to which a body may be sent, whether it reads it or not. */
export const writeProblems = {
  ...readProblems,
  400: problemAnswer(
    'Problems 5 to 9, 12, 33, 35, 109 and 110: a request that is not sound, or a trust that can not be',
  ),
  413: problemAnswer('Problem 85: a body over the limit'),
};
