import type { FastifyRequest } from 'fastify';
import { Abandoned } from '../../keypairs/index.ts';
import { BeyondLimits, WorkerUnavailable, WrongPassphrase, wordLimit, X509Error } from '../../x509/index.ts';
import { invalidObject, Refusal } from './errors.ts';
import { stillMay } from './find-certificate.ts';
import type { Services } from './route.ts';

/** Runs a task on a file under a passphrase, for one request. */
export type RunTask = Services['work']['run'];

/**
 * What runs a request's tasks when their turn comes. It may have waited for long: the caller's right is decided again after each.
 *
 * @param departure aborted when the caller leaves
 * @returns as `PassphraseWork.run`, which also throws {AccessError} where the caller may no longer do what the route does
 */
export function taskRunner(request: FastifyRequest, departure: AbortSignal, services: Services): RunTask {
  const settle = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw departure.aborted ? new Abandoned() : error;
    } finally {
      await stillMay(request, services);
    }
  };
  return (task, input) => settle(services.work.run(task, input, departure));
}

/**
 * Reads or makes something, and words what is refused of it as a problem of a field.
 *
 * @param text what is said of the field: `is not a certificate`
 * @throws {Refusal} 400 naming the field, or `passphrase`; 503 where the work was not done for no fault of the file
 */
export async function wordingProblemsOf<T>(field: string, text: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw wordProblem(field, text, error);
  }
}

function wordProblem(field: string, text: string, error: unknown): unknown {
  if (error instanceof WorkerUnavailable) {
    return new Refusal('Service Unavailable', ['the file could not be worked on'], { headers: { 'retry-after': '1' } });
  }
  if (error instanceof WrongPassphrase) {
    return invalidObject([{ field: 'passphrase', text: 'does not fit', reason: error.reason }]);
  }
  if (error instanceof BeyondLimits) {
    const about = error.limit === 'PASSPHRASE_CHARACTERS' ? 'passphrase' : field;
    return invalidObject([{ field: about, text: `must have no more than ${wordLimit(error.limit)}` }]);
  }
  return error instanceof X509Error ? invalidObject([{ field, text, reason: error.reason }]) : error;
}
