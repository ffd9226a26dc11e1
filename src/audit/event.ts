import type { Actor, Origin } from './actor.ts';

/** What can happen, in authentik's words (contract §4). */
export const EVENT_ACTIONS = [
  'configuration_warning',
  'login_failed',
  'model_created',
  'model_deleted',
  'model_updated',
  'secret_rotate',
  'secret_view',
  'suspicious_request',
  'system_exception',
] as const;

export type EventAction = (typeof EVENT_ACTIONS)[number];

/** What it happened to, as authentik names its models. */
export interface EventModel {
  /** `authentik_crypto` for keypairs, `authentik_core` for tokens, `certkeep` for what authentik does not have. */
  readonly app: string;
  /** `certificatekeypair`, `token`, `account`. */
  readonly modelName: string;
  /** Hexadecimal, without dashes. */
  readonly pk: string;
  readonly name: string;
}

/** An event before it is written. */
export interface NewEvent {
  readonly action: EventAction;
  /** Which part of the server tells of it: `authentik.crypto.api`, `authentik.events.middleware`. */
  readonly app: string;
  /** Who did it; of a caller that was not let in, only where it came from. */
  readonly actor: Actor | Origin;
  readonly model?: EventModel;
  /** What else is to be told, as JSON. Holds no secret. `http_request` is added from the actor. */
  readonly context: Readonly<Record<string, unknown>>;
}

/** An event as it is stored. */
export interface EventRow {
  readonly id: string;
  readonly createdAt: Date;
  readonly action: EventAction;
  readonly app: string;
  readonly principalId: string | null;
  readonly username: string | null;
  readonly tokenId: string | null;
  readonly clientAddress: string | null;
  readonly requestId: string | null;
  readonly modelApp: string | null;
  readonly modelName: string | null;
  readonly modelPk: string | null;
  /** JSON text. */
  readonly context: string;
  readonly macKeyId: string;
  readonly mac: Uint8Array<ArrayBuffer>;
  /** Called by whoever executed the statement that writes it. */
  readonly onWritten?: () => void;
}

/** An event as it was read to be verified: whatever stands in the row, texts as texts. */
export type StoredEvent = Omit<EventRow, 'action' | 'createdAt' | 'mac' | 'onWritten'> & {
  readonly action: string;
  /** ISO 8601, UTC, milliseconds. Not a Date: a row that somebody tampered with may hold a time that no Date can. */
  readonly createdAt: string;
  readonly mac: Uint8Array;
};
