import { randomUUID } from 'node:crypto';
import type { Actor, Origin } from './actor.ts';
import type { EventRow, NewEvent } from './event.ts';
import { type AuditKey, macOfEvent } from './event-mac.ts';
import type { EventRepository } from './event-repository.ts';

/** What writes events. */
export interface AuditTrail {
  /** Completes an event by id, time and MAC, for who writes it in the same transaction as what it tells of. */
  prepare(event: NewEvent): EventRow;
  /**
   * Writes an event by itself.
   *
   * @throws {StoreUnavailable} then whatever it was to tell of must not happen
   */
  record(event: NewEvent): Promise<void>;
}

/** @param key authenticates what is written */
export function auditTrail(repository: EventRepository, key: AuditKey): AuditTrail {
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
    return { ...unsigned, macKeyId: key.id, mac: macOfEvent(key, unsigned) };
  };
  return {
    prepare,
    record: (event) => repository.insert(prepare(event)),
  };
}

function httpRequest({ http, requestId }: Actor | Origin) {
  if (http === undefined) {
    return {};
  }
  const { path, method, args, userAgent } = http;
  return { http_request: { path, method, args, user_agent: userAgent, request_id: requestId } };
}
