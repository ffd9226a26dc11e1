import type { Comparison, TextField, TimeField, TrustCondition } from '../../keypairs/index.ts';
import { UnsoundParameter } from './parameters.ts';
import { BROKEN, TRANSITIONS } from './render.ts';
import { CERTIFICATE_TYPE } from './schemas.ts';
import { secondsOf } from './timestamp.ts';

export const MAX_FILTERS = 20;
/** Characters. */
export const MAX_FILTER_LENGTH = 2048;

type Operator = Comparison | 'in';

/** What stands behind a name that can be filtered by. Of several values, one is enough. */
type Source =
  | { readonly kind: 'text'; readonly field: TextField }
  | { readonly kind: 'time'; readonly field: TimeField }
  /** The same in every resource. */
  | { readonly kind: 'constant'; readonly values: readonly string[] }
  /** There in resources whose certificate is not the one that was stored, and in no other. */
  | { readonly kind: 'constant of the broken'; readonly value: string };

const text = (field: TextField): Source => ({ kind: 'text', field });
const time = (field: TimeField): Source => ({ kind: 'time', field });
const constant = (...values: readonly string[]): Source => ({ kind: 'constant', values });
const ofTheBroken = (value: string): Source => ({ kind: 'constant of the broken', value });

/** Every text of the resource (contract §2, §5), by its name in a filter. */
const SOURCES: ReadonlyMap<string, Source> = new Map([
  ['type', constant(CERTIFICATE_TYPE)],
  ['version', text('resourceVersion')],
  ['id', text('id')],
  ['certUse', text('use')],
  ['cert', text('certificate')],
  ['cn', text('commonName')],
  ['expiryTimestamp', time('notAfter')],
  ['isSelfSigned', text('statedSelfSigned')],
  ['trustState', text('state')],
  ['trustStateDesired', text('desired')],
  ['trustStateTransitions[*].from', constant(...TRANSITIONS.map(({ from }) => from))],
  ['trustStateTransitions[*].to[*]', constant(...TRANSITIONS.flatMap(({ to }) => to))],
  ['trustStateDetails[*].type', ofTheBroken(BROKEN.type)],
  ['trustStateDetails[*].title', ofTheBroken(BROKEN.title)],
  ['trustStateDetails[*].detail', ofTheBroken(BROKEN.detail)],
  ['metadata.creationTimestamp', time('createdAt')],
  ['metadata.modificationTimestamp', time('updatedAt')],
  ['metadata.createdBy', text('createdBy')],
  ['metadata.modifiedBy', text('updatedBy')],
  ['metadata.labels[*].name', text('labelName')],
  ['metadata.labels[*].value', text('labelValue')],
]);

/** A literal `%20` is a blank that was encoded twice, as the original's own page of examples does. */
const BLANK = '(?: |%20)';
/** What the original's pattern lets through in a value: its `,-_` is a range. */
const VALUE = '[0-9a-zA-Z.,-_:@ {}"]+';
const TERM = String.raw`((?:[0-9a-zA-Z.]|\[\*\])+)${BLANK}(eq|lt|gt|lte|gte|in)${BLANK}'(${VALUE})'`;
/** Contract §3.6: what follows a comma is the same term once more. */
const FILTER = new RegExp(`^(${TERM})(?:,\\1)*$`);

/**
 * What a filter asks for.
 *
 * @param written as contract §3.6 has it, percent-decoded
 * @returns a condition; or whether it holds of every certificate or of none, where that depends on no certificate
 * @throws {UnsoundParameter}
 */
export function filterOf(written: string): TrustCondition | boolean {
  if (written.length > MAX_FILTER_LENGTH) {
    throw new UnsoundParameter(`has more than ${MAX_FILTER_LENGTH} characters`);
  }
  const [, , name, operator, value] = FILTER.exec(written) ?? [];
  if (name === undefined || operator === undefined || value === undefined) {
    throw new UnsoundParameter("is not of the form: field operator 'value'");
  }
  const source = SOURCES.get(name);
  if (source === undefined) {
    throw new UnsoundParameter('names no field that holds a text, a state or a point in time');
  }
  return conditionOn(source, operator as Operator, value);
}

function conditionOn(source: Source, operator: Operator, value: string): TrustCondition | boolean {
  switch (source.kind) {
    case 'text':
      return { field: source.field, operator, value };
    case 'time':
      return operator === 'in'
        ? { field: source.field, operator, value }
        : { field: source.field, operator, value: requireSeconds(value) };
    case 'constant':
      return source.values.some((each) => compares(each, operator, value));
    case 'constant of the broken':
      return compares(source.value, operator, value) && { field: 'isIntact', operator: 'eq', value: 'false' };
  }
}

function requireSeconds(value: string): string {
  const seconds = secondsOf(value);
  if (seconds === undefined) {
    throw new UnsoundParameter("compares a point in time with what is none: '2031-05-04T09:00:00Z' is one");
  }
  return seconds;
}

/** Both are ASCII, whose order is that of their code points. */
function compares(actual: string, operator: Operator, value: string): boolean {
  switch (operator) {
    case 'eq':
      return actual === value;
    case 'lt':
      return actual < value;
    case 'gt':
      return actual > value;
    case 'lte':
      return actual <= value;
    case 'gte':
      return actual >= value;
    case 'in':
      return actual.includes(value);
  }
}
