/** One instruction of a Dockerfile, its continuation lines joined. */
export interface Instruction {
  readonly keyword: Keyword;
  /** `--name=value` before the arguments. */
  readonly flags: Readonly<Record<string, string>>;
  readonly text: string;
}

/** What stands between two FROMs. */
export interface Stage {
  /** Empty where no other stage can copy from it by name. */
  readonly name: string;
  readonly image: string;
  readonly instructions: readonly Instruction[];
}

/** What an image says of the process that it starts. */
export interface ImageConfig {
  readonly environment: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly workdir: string;
  readonly user: string;
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
  readonly stopSignal: string;
}

/** All that can be run without Docker: anything else in a Dockerfile is refused, so that nothing is passed over. */
const KEYWORDS = [
  'CMD',
  'COPY',
  'ENV',
  'EXPOSE',
  'FROM',
  'HEALTHCHECK',
  'LABEL',
  'RUN',
  'STOPSIGNAL',
  'USER',
  'WORKDIR',
] as const;
type Keyword = (typeof KEYWORDS)[number];

/** Where Docker puts in the value of a variable, and we don't. */
const EXPANDED: readonly Keyword[] = ['COPY', 'ENV', 'EXPOSE', 'FROM', 'LABEL', 'STOPSIGNAL', 'USER', 'WORKDIR'];

/**
 * Reads a Dockerfile.
 *
 * @returns its stages, the image's own last
 * @throws {Error} naming the line, where it holds what only Docker understands
 */
export function parseDockerfile(text: string): Stage[] {
  const stages: { name: string; image: string; instructions: Instruction[] }[] = [];
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !/^\s*#/.test(line));
  for (const line of lines.join('\n').replaceAll(/\\\n/g, ' ').split('\n')) {
    const instruction = parseInstruction(line);
    if (instruction.keyword === 'FROM') {
      stages.push({ ...parseFrom(instruction), instructions: [] });
    } else if (stages.length === 0) {
      throw new Error(`stands before any FROM: ${line}`);
    } else {
      stages.at(-1)?.instructions.push(instruction);
    }
  }
  return stages;
}

/**
 * What the last stage says of the process.
 *
 * @throws {Error} where a command is not in the form of a JSON list, or a pair has no value
 */
export function imageConfig(stage: Stage | undefined): ImageConfig {
  const instructions = stage?.instructions ?? [];
  const last = (keyword: Keyword) =>
    instructions.findLast((instruction) => instruction.keyword === keyword)?.text ?? '';
  const pairs = (keyword: Keyword) =>
    Object.assign({}, ...instructions.filter((one) => one.keyword === keyword).map(({ text }) => pairsOf(text)));
  return {
    environment: pairs('ENV'),
    labels: pairs('LABEL'),
    workdir: last('WORKDIR'),
    user: last('USER'),
    command: parseCommand(last('CMD')),
    healthcheck: parseCommand(last('HEALTHCHECK').replace(/^CMD\s+/, '')),
    stopSignal: last('STOPSIGNAL'),
  };
}

/** The words of a COPY: what, and where to. */
export function copyOperands({ text }: Instruction): { sources: string[]; destination: string } {
  const words = text.split(/\s+/);
  return { sources: words.slice(0, -1), destination: words.at(-1) ?? '' };
}

/**
 * The `NAME=value` pairs of an ENV or a LABEL.
 *
 * @throws {Error} where a pair lacks its value, or a value holds what Docker would unescape
 */
export function pairsOf(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/\s*([\w.]+)=(?:"([^"\\]*)"|([^\s"\\]+))(?=\s|$)/g)];
  if (pairs.map(([whole]) => whole).join('') !== text) {
    throw new Error(`is no list of NAME=value: ${text}`);
  }
  return Object.fromEntries(pairs.map(([, name, quoted, bare]) => [name, quoted ?? bare]));
}

function parseInstruction(line: string): Instruction {
  const [, word = '', flags = '', text = ''] = /^\s*(\S+)((?:\s+--[\w-]+=\S+)*)\s+(.*?)\s*$/.exec(line) ?? [];
  const keyword = KEYWORDS.find((known) => known === word);
  if (keyword === undefined || text.startsWith('--')) {
    throw new Error(`only Docker understands: ${line}`);
  }
  if (EXPANDED.includes(keyword) && text.includes('$')) {
    throw new Error(`only Docker puts in variables: ${line}`);
  }
  const entries = [...flags.matchAll(/--([\w-]+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value] as const);
  return { keyword, flags: Object.fromEntries(entries), text };
}

function parseFrom({ text }: Instruction): { image: string; name: string } {
  const [, image, name = ''] = /^(\S+)(?: AS (\S+))?$/.exec(text) ?? [];
  if (image === undefined) {
    throw new Error(`names no image: FROM ${text}`);
  }
  return { image, name };
}

function parseCommand(text: string): string[] {
  const command: unknown = JSON.parse(text);
  if (!Array.isArray(command) || command.length === 0 || !command.every((word) => typeof word === 'string')) {
    throw new Error(`is no command in the form of a JSON list: ${text}`);
  }
  return command;
}
