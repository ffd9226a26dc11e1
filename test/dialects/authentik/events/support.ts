import { randomUUID } from 'node:crypto';
import type { TestDatabase } from '../../../support/database.ts';
import type { TestServer } from '../../../support/server.ts';

export const EVENTS = '/api/v3/events/events/';

/** An event as authentik's API shows it, and ours beside. */
export interface ShownEvent {
  readonly pk: string;
  readonly user: Readonly<Record<string, unknown>>;
  readonly action: string;
  readonly app: string;
  readonly context: Readonly<Record<string, unknown>>;
  readonly client_ip: string | null;
  readonly created: string;
  readonly expires: string;
  readonly brand: unknown;
  readonly token_id: string | null;
  readonly request_id: string | null;
}

export interface EventPage {
  readonly pagination: Readonly<Record<string, number>>;
  readonly results: readonly ShownEvent[];
  readonly autocomplete: unknown;
}

export async function listed(server: TestServer, query = ''): Promise<EventPage> {
  const response = await server.request('GET', EVENTS + query);
  if (response.status !== 200) {
    throw new Error(`${response.status} ${await response.text()}`);
  }
  return (await response.json()) as EventPage;
}

export interface Planted {
  readonly created_at: string;
  readonly action: string;
  readonly app: string;
  readonly principal_id: string;
  readonly username: string;
  readonly token_id: string;
  readonly client_address: string;
  readonly request_id: string;
  readonly model_app: string;
  readonly model_name: string;
  readonly model_pk: string;
  readonly context: string;
}

/** Takes away what a start tells, so that a test sees its own events alone. */
export async function forgetEvents(database: TestDatabase): Promise<void> {
  await database.query('DELETE FROM unsealed_events');
  await database.query('DELETE FROM events');
}

/**
 * Writes an event into the table, past everything that makes them.
 *
 * @returns its id
 */
export async function plant(database: TestDatabase, event: Partial<Planted> = {}): Promise<string> {
  const row = {
    id: randomUUID(),
    created_at: '2026-03-01T12:00:00.123Z',
    action: 'model_updated',
    app: 'authentik.events.middleware',
    context: '{}',
    mac_key_id: '0011223344556677',
    mac: Buffer.alloc(32),
    ...event,
  };
  const names = Object.keys(row);
  const places = names.map((_name, index) => `$${index + 1}`);
  await database.query(`INSERT INTO events (${names.join(', ')}) VALUES (${places.join(', ')})`, Object.values(row));
  return row.id;
}
