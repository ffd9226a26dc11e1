/** Of an error that holds what somebody stored or sent. */
const WITHHELD = '(withheld: it may hold stored values)';

/** What else of an error the log shows. pg's `detail` and `where` tell rows and parameters, Prisma's `meta` too, so they are not here. */
const SHOWN = [
  'code',
  'statusCode',
  'errno',
  'syscall',
  'address',
  'port',
  'severity',
  'schema',
  'table',
  'column',
  'constraint',
  'routine',
  'kind',
  'originalCode',
  'reason',
] as const;

/** Chains of causes are short; one that bites its own tail is not. */
const MAX_DEPTH = 5;

/**
 * An error as the log shows it: what it is, where it came from, and the codes by which databases and systems tell their reasons.
 *
 * @param error an error, or a cause that is a plain object
 */
export function describeError(error: object, depth = 0): Readonly<Record<string, unknown>> {
  const described: Record<string, unknown> = {};
  if (error instanceof Error) {
    const message = messageOf(error);
    const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
    described['type'] = error.name;
    described['message'] = message;
    described['stack'] = [`${error.name}: ${message}`, ...frames].join('\n');
  }
  for (const name of SHOWN) {
    const value = propertyOf(error, name);
    if (typeof value === 'string' || typeof value === 'number') {
      described[name] = value;
    }
  }
  if (depth < MAX_DEPTH) {
    Object.assign(described, insideOf(error, depth));
  }
  return described;
}

function insideOf(error: object, depth: number): Record<string, unknown> {
  const inside: Record<string, unknown> = {};
  const meta = propertyOf(error, 'meta');
  const cause = propertyOf(error, 'cause') ?? (isObject(meta) ? propertyOf(meta, 'driverAdapterError') : undefined);
  if (isObject(cause)) {
    inside['cause'] = describeError(cause, depth + 1);
  }
  if (error instanceof AggregateError) {
    inside['errors'] = error.errors.filter(isObject).map((each) => describeError(each, depth + 1));
  }
  return inside;
}

/** The message of an error as the log shows it. */
export function messageOf(error: Error): string {
  // Prisma quotes the arguments of the call, JavaScript's parser the text that is no JSON, and PostgreSQL the value that is none of
  // its type (SQLSTATE class 22, data exception).
  const quotes =
    error.name.startsWith('PrismaClient') ||
    (error instanceof SyntaxError && /JSON/.test(error.message)) ||
    ('severity' in error && /^22/.test(String(propertyOf(error, 'code'))));
  return quotes ? WITHHELD : error.message;
}

function propertyOf(object: object, name: string): unknown {
  return (object as Readonly<Record<string, unknown>>)[name];
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
