import { escapeNul } from '../escaped-text.ts';
import { type Comparison, TEXT_FIELDS, type TextField, type TimeField, type TrustCondition } from './trust-query.ts';

/** Takes a value, and gives the placeholder that stands for it. */
interface Placeholders {
  add(value: unknown): string;
}

const OPERATORS: Readonly<Record<Comparison, string>> = { eq: '=', lt: '<', gt: '>', lte: '<=', gte: '>=' };

const TIMES: Readonly<Record<TimeField, string>> = {
  notAfter: 'k.not_after',
  createdAt: 'k.created_at',
  updatedAt: 'k.updated_at',
};

const LABEL_KEYS = { labelName: 'name', labelValue: 'value' } as const;

type LabelField = keyof typeof LABEL_KEYS;

/** Whether the certificate's text is the one that was stored. */
export const INTACT = `coalesce(t.text_sha256 = sha256(convert_to(k.certificate_data, 'UTF8')), false)`;

/** What of an entry is compared as text; its state depends on when somebody asks. */
const TEXTS: Readonly<Record<Exclude<TextField, LabelField | 'state'>, string>> = {
  id: 'k.id::text',
  use: 't.certificate_use::text',
  certificate: `translate(encode(convert_to(k.certificate_data, 'UTF8'), 'base64'), E'\\n', '')`,
  commonName: 'k.common_name',
  statedSelfSigned: 't.stated_self_signed::text',
  desired: 't.desired_state::text',
  isIntact: `${INTACT}::text`,
  resourceVersion: 't.resource_version',
  createdBy: 'k.created_by::text',
  updatedBy: 'k.updated_by::text',
};

/**
 * Conditions in SQL.
 *
 * @param state the expression of an entry's state at the instant of the query
 */
export function conditionsClause(conditions: readonly TrustCondition[], state: string, values: Placeholders): string[] {
  return conditions.map((condition) => {
    if (isTextCondition(condition)) {
      return textClause(condition, state, values);
    }
    const { field, operator, value } = condition;
    const seconds = `date_trunc('second', ${TIMES[field]})`;
    if (operator === 'in') {
      const written = `to_char(${seconds} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
      return `strpos(${written}, ${values.add(value)}) > 0`;
    }
    // As numbers: a timestamp of PostgreSQL has no more than six decimals.
    return `extract(epoch FROM ${seconds})::numeric ${OPERATORS[operator]} ${values.add(value)}::numeric`;
  });
}

type TextCondition = Extract<TrustCondition, { readonly field: TextField }>;

function isTextCondition(condition: TrustCondition): condition is TextCondition {
  return TEXT_FIELDS.some((field) => field === condition.field);
}

function textClause({ field, operator, value }: TextCondition, state: string, values: Placeholders): string {
  if (field === 'labelName' || field === 'labelValue') {
    const compared = comparison(`label ->> '${LABEL_KEYS[field]}'`, operator, values.add(value));
    return `EXISTS (SELECT FROM jsonb_array_elements(t.labels) label WHERE ${compared})`;
  }
  // Where it is stored escaped.
  const compared = field === 'commonName' ? escapeNul(value) : value;
  return comparison(field === 'state' ? state : TEXTS[field], operator, values.add(compared));
}

function comparison(expression: string, operator: Comparison | 'in', placeholder: string): string {
  return operator === 'in'
    ? `strpos(${expression}, ${placeholder}) > 0`
    : `(${expression}) COLLATE "C" ${OPERATORS[operator]} ${placeholder}`;
}
