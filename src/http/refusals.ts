import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AccessError, type Operation, PermissionDenied, TokenInvalid, visibleIn } from '../access/index.ts';
import { type AuditTrail, type LoginFailures, loginFailures, refusedAttempts } from '../audit/index.ts';
import { actorOf, originOf } from './caller.ts';
import { Throttled } from './rate-limits.ts';

/** What a refused request would have done to a key. */
export interface AttemptOnKey {
  readonly operation: Operation;
  /** The keypair's UUID; undefined where the request names none. */
  readonly keypairId: string | undefined;
}

export interface Refusals {
  /** How often which address showed a token that was not let in. */
  readonly loginFailures: Pick<LoginFailures, 'count'>;
  /**
   * Makes events of a refused request where it is one to be told of. Never throws: a refusal is sent whatever becomes of its event.
   *
   * @param attempt says what it would have done to a key; undefined where it was about none
   */
  tell(request: FastifyRequest, error: AccessError, attempt: () => Promise<AttemptOnKey | undefined>): Promise<void>;
}

/**
 * Why a request was refused, where the caller lacked something, whatever the answer calls it: what the caller may not see is answered as
 * what is not there.
 *
 * @param hides whether an error stands for that; it is given the ids of the keypairs that the caller sees, undefined for all
 */
export function refusalBehind(
  request: FastifyRequest,
  thrown: unknown,
  hides: (error: unknown, visible: ReadonlySet<string> | undefined) => boolean,
): AccessError | undefined {
  const error = thrown instanceof Throttled ? thrown.cause : thrown;
  if (error instanceof AccessError) {
    return error;
  }
  const { operation } = request.routeOptions.config;
  const isHidden = operation !== undefined && hides(error, visibleIn(request.caller, operation));
  return isHidden ? new PermissionDenied(operation) : undefined;
}

/** How often what was only counted is looked through, in milliseconds. */
const SWEEP_MS = 5_000;

/** Tells the audit trail of refused requests, for as long as the app runs. */
export function watchRefusals(app: FastifyInstance, trail: AuditTrail): Refusals {
  const onLoss = (err: unknown) => app.log.error({ err }, 'a request was refused, but its event could not be written');
  const attempts = refusedAttempts({ trail, onLoss });
  const failures = loginFailures({ trail, onLoss });
  const sweep = () => {
    attempts.sweep();
    failures.sweep();
  };
  const timer = setInterval(sweep, SWEEP_MS).unref();
  app.addHook('onClose', async () => {
    clearInterval(timer);
    await Promise.all([attempts.close(), failures.close()]);
  });

  return {
    loginFailures: failures,
    async tell(request, error, attempt) {
      if (error instanceof TokenInvalid) {
        await failures.note(originOf(request));
      }
      try {
        const about = await attempt();
        if (about !== undefined) {
          const actor = request.caller === undefined ? originOf(request) : actorOf(request);
          await attempts.record({ ...about, actor, reason: error.code });
        }
      } catch (cause) {
        onLoss(cause);
      }
    },
  };
}
