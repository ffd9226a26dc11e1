import { z } from 'zod';
import { TABLES } from './tables.ts';

/** The lines of JSON in a backup (docs/decisions/0026-backup-format.md). Members that are not known are left alone. */

/** PostgreSQL's largest integer. */
const MAX_INTEGER = 2 ** 31 - 1;

export const FORMAT = 'certkeep-backup';
export const VERSION = 1;

const base64 = z.base64().transform((text) => Buffer.from(text, 'base64'));

/** What every version says of itself, before anything else is believed. */
export const formatRecord = z.object({ format: z.literal(FORMAT), version: z.int().min(1) });

export const headerRecord = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  id: z.uuid(),
  /** The version of Certkeep that made it. */
  certkeep: z.string(),
  createdAt: z.iso.datetime(),
  migrations: z.array(z.string()),
  /** The store's KEKs, by which whoever restores tells which keys are needed before anything is written. */
  keks: z.array(
    z.object({
      id: z.uuid(),
      state: z.enum(['openable', 'sealing', 'retired']),
      superseded: z.boolean(),
      canary: base64,
    }),
  ),
  /** The number that was given out last; one that is free again is not given out a second time. */
  principalNumber: z
    .string()
    .regex(/^[1-9]\d{0,9}$/)
    .refine((number) => Number(number) <= MAX_INTEGER)
    .nullable(),
});

/** The keys that are not in the database, as far as the backup holds them. */
export const keysRecord = z.object({
  keys: z.object({ keks: z.array(base64), auditKeys: z.array(base64) }),
});

export const tableRecord = z.object({
  table: z.enum(TABLES),
  columns: z.array(z.string().regex(/^[a-z][a-z0-9_]*$/)).min(1),
});

export const endRecord = z.object({
  rows: z.partialRecord(z.enum(TABLES), z.int().min(0)),
  /** Hexadecimal, over all that stands before this line. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

export type Header = z.infer<typeof headerRecord>;
export type HeldKeys = z.infer<typeof keysRecord>['keys'];
export type TableHeader = z.infer<typeof tableRecord>;
export type RowCounts = z.infer<typeof endRecord>['rows'];
