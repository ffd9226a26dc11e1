/** A line of what Prometheus is given. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Exposition {
  /** The names of the metrics, as their types are declared; those of a histogram's samples are longer. */
  readonly names: ReadonlySet<string>;
  /** The samples of one name that carry these labels, and whatever else. */
  of(name: string, labels?: Readonly<Record<string, string>>): readonly Sample[];
  /** The one value of such a sample; undefined where there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

/**
 * Reads Prometheus' text format, version 0.0.4.
 *
 * @throws {Error} where a line is not of it
 */
export function parseExposition(text: string): Exposition {
  const samples: Sample[] = [];
  const names = new Set<string>();
  for (const line of text.split('\n')) {
    const declared = /^# TYPE (\S+) (?:counter|gauge|histogram|summary|untyped)$/.exec(line)?.[1];
    if (declared !== undefined) {
      if (names.has(declared)) {
        throw new Error(`${declared} is declared twice`);
      }
      names.add(declared);
    } else if (line !== '' && !line.startsWith('# HELP ')) {
      samples.push(parseSample(line));
    }
  }
  const of: Exposition['of'] = (name, labels = {}) =>
    samples.filter(
      (sample) =>
        sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    );
  return {
    names,
    of,
    value(name, labels) {
      const found = of(name, labels);
      if (found.length > 1) {
        throw new Error(`${name} has ${found.length} samples of ${JSON.stringify(labels)}`);
      }
      return found[0]?.value;
    },
  };
}

function parseSample(line: string): Sample {
  const [, name = '', inside = '', value = ''] = LINE.exec(line) ?? [];
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < inside.length) {
    const [, label = '', escaped = ''] = LABEL.exec(inside) ?? [];
    if (label === '') {
      throw new Error(`no labels: ${line}`);
    }
    labels[label] = escaped.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
  }
  const number = value === '+Inf' ? Number.POSITIVE_INFINITY : value === 'Nan' ? Number.NaN : Number(value);
  if (name === '' || value === '') {
    throw new Error(`no sample: ${line}`);
  }
  return { name, labels, value: number };
}
