import type { KeypairId } from '../keypair.ts';
import type { TrustEntry } from './trust-entry.ts';

/** What entries can be filtered by. Texts are compared by their code points. */
export const TEXT_FIELDS = [
  'id',
  'use',
  /** Base64 of its PEM. */
  'certificate',
  'commonName',
  /** `true` or `false`. */
  'statedSelfSigned',
  'state',
  'desired',
  /** `true` or `false`. */
  'isIntact',
  'resourceVersion',
  'createdBy',
  'updatedBy',
  /** Of any label. */
  'labelName',
  'labelValue',
] as const;
export type TextField = (typeof TEXT_FIELDS)[number];

/** Points in time, in whole seconds. */
export type TimeField = 'notAfter' | 'createdAt' | 'updatedAt';

export type Comparison = 'eq' | 'lt' | 'gt' | 'lte' | 'gte';

/** One condition. */
export type TrustCondition =
  /** `in`: the value occurs in the field. */
  | { readonly field: TextField; readonly operator: Comparison | 'in'; readonly value: string }
  /** The value is in seconds since 1970, a decimal number of any precision. */
  | { readonly field: TimeField; readonly operator: Comparison; readonly value: string }
  /** The value occurs in the time as it is written: `2031-05-04T09:00:00Z`. */
  | { readonly field: TimeField; readonly operator: 'in'; readonly value: string };

export type TrustOrderField =
  | Exclude<TextField, 'certificate' | 'isIntact' | 'createdBy' | 'updatedBy' | 'labelName' | 'labelValue'>
  | 'notAfter'
  | 'createdAt';

/** Entries that are equal by the field are in the order of their ids, also where it is descending. */
export interface TrustOrder {
  readonly field: TrustOrderField;
  readonly descending: boolean;
}

/** The last entry of a page: the next one begins behind it, whatever came or went before it meanwhile. */
export interface TrustCursor {
  /** What it is ordered by, as {@link TrustPage.next} gave it. */
  readonly value: string;
  readonly id: KeypairId;
}

export interface TrustQuery {
  /** Each must hold. */
  readonly conditions: readonly TrustCondition[];
  /** None but these, of which some may not exist. UUIDs. */
  readonly ids?: readonly string[];
  readonly order: TrustOrder;
  readonly limit: number;
  /** The first page without it. */
  readonly after?: TrustCursor;
  /** When states are judged: of all pages of a walk the same, so that no entry moves from one to another because time passes. */
  readonly at: Date;
}

export interface TrustPage {
  readonly entries: readonly TrustEntry[];
  /** Where the next page begins; undefined where nothing is left. */
  readonly next?: TrustCursor;
}
