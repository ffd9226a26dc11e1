import { randomUUID } from 'node:crypto';
import { StoreUnavailable } from '../database/index.ts';
import type { Actor, Origin } from './actor.ts';
import type { AuditKey } from './audit-key.ts';
import type { EventAction, EventRow, NewEvent } from './event.ts';
import { macOfEvent } from './event-mac.ts';
import type { EventRepository } from './event-repository.ts';

/** What writes events. */
export interface AuditTrail {
  /** Completes an event by id, time and MAC, for who writes it in the same transaction as what it tells of. */
  prepare(event: NewEvent): EventRow;
  /**
   * Writes an event by itself.
   *
   * @throws {StoreUnavailable} whatever kept it from being written; then what it was to tell of must not happen
   */
  record(event: NewEvent): Promise<void>;
}

/**
 * @param key authenticates what is written
 * @param onWritten told of each event of this trail when it is written; of a transaction that fails only when it is committed, too
 */
export function auditTrail(
  repository: EventRepository,
  key: AuditKey,
  onWritten: (action: EventAction) => void = () => {},
): AuditTrail {
  const prepare = ({ action, app, actor, model, context }: NewEvent): EventRow => {
    const who = 'id' in actor ? actor : undefined;
    const unsigned = {
      id: randomUUID(),
      createdAt: new Date(),
      action,
      app,
      principalId: who?.id ?? null,
      username: who?.username ?? null,
      tokenId: who?.tokenId ?? null,
      clientAddress: actor.address ?? null,
      requestId: actor.requestId ?? null,
      modelApp: model?.app ?? null,
      modelName: model?.modelName ?? null,
      modelPk: model?.pk ?? null,
      context: JSON.stringify({ ...context, ...httpRequest(actor) }),
    };
    const mac = macOfEvent(key, unsigned);
    return { ...unsigned, macKeyId: key.id, mac, onWritten: () => onWritten(action) };
  };
  return {
    prepare,
    async record(event) {
      try {
        await repository.insert(prepare(event));
      } catch (error) {
        throw error instanceof StoreUnavailable ? error : new StoreUnavailable(error);
      }
    },
  };
}

function httpRequest({ http, requestId }: Actor | Origin) {
  if (http === undefined) {
    return {};
  }
  const { path, method, args, userAgent } = http;
  return { http_request: { path, method, args, user_agent: userAgent, request_id: requestId } };
}
