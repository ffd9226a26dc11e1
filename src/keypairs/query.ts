import type { KeyType } from '../x509/index.ts';

export type OrderField =
  | 'id'
  | 'name'
  | 'managed'
  | 'fingerprintSha256'
  | 'fingerprintSha1'
  | 'notAfter'
  | 'subject'
  | 'keyType'
  | 'createdAt';

export interface Order {
  readonly field: OrderField;
  readonly descending: boolean;
}

/** Which keypairs. Each condition that is given must hold. */
export interface KeypairFilter {
  readonly name?: string;
  readonly managed?: string;
  /** Not those that are managed so. */
  readonly exceptManaged?: string;
  readonly hasPrivateKey?: boolean;
  /** Any of these. */
  readonly keyTypes?: readonly KeyType[];
  /** Each must occur in the name, without regard to case. */
  readonly search?: readonly string[];
  /** None but these, of which some may not exist. UUIDs. */
  readonly ids?: readonly string[];
}

/** Which part of a list. */
export interface Page {
  readonly limit: number;
  /** How many rows come before it; `last-page` where it shall begin at the last multiple of `limit`. */
  readonly offset: number | 'last-page';
}

/** A statement with its values in the order of their $n. What clients choose stands in the values, except columns and their order. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}
