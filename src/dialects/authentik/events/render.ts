import type { StoredEvent } from '../../../audit/index.ts';

/** An event as this API shows it; key order as in contract §4, then what is ours. */
export interface RenderedEvent {
  readonly pk: string;
  readonly user: Readonly<Record<string, unknown>>;
  readonly action: string;
  readonly app: string;
  readonly context: Readonly<Record<string, unknown>>;
  readonly client_ip: string | null;
  readonly created: string;
  readonly expires: string;
  readonly brand: Readonly<Record<string, unknown>>;
  readonly token_id: string | null;
  readonly request_id: string | null;
}

/** "No well-defined expiration date" (RFC 5280 §4.1.2.5): the original's schema knows no event without one. */
const NEVER = '9999-12-31T23:59:59Z';

/** Shows an event: `user` is empty where nobody was let in, `brand` always. */
export function renderEvent(event: StoredEvent): RenderedEvent {
  const { username, principalNumber } = event;
  return {
    pk: event.id,
    user: username === null ? {} : { username, pk: principalNumber, email: '' },
    action: event.action,
    app: event.app,
    context: readContext(event.context),
    client_ip: event.clientAddress,
    created: event.createdAt.toISOString(),
    expires: event.expiresAt?.toISOString() ?? NEVER,
    brand: {},
    token_id: event.tokenId,
    request_id: event.requestId,
  };
}

/** An event that somebody's hand spoilt is shown without its context, beside all the others; verifying the audit names it. */
function readContext(text: string): Readonly<Record<string, unknown>> {
  try {
    const context: unknown = JSON.parse(text);
    return isObject(context) ? context : {};
  } catch {
    return {};
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
