/** The text is not JSON. The message is the one of the original's parser (orjson), with line, column and character. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
}

const BLANKS = /[ \t\n\r]*/y;
/** The last of the blanks in the order of their codes. */
const SPACE = 0x20;

/** A place in a JSON text: what is there, and what to say when it is wrong. */
export class JsonCursor {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get character(): string {
    return this.text.charAt(this.at);
  }

  /** Passes over a character, if it is at hand. */
  take(character: string): boolean {
    const found = this.character === character;
    if (found) {
      this.at++;
    }
    return found;
  }

  /** Passes over what a sticky pattern matches here, which may be nothing. */
  match(pattern: RegExp): string {
    const start = this.at;
    pattern.lastIndex = start;
    // Not by exec, which makes an array of each match.
    if (pattern.test(this.text)) {
      this.at = pattern.lastIndex;
    }
    return this.text.slice(start, this.at);
  }

  skipBlanks(): void {
    // Where nothing is to be skipped, which is nearly everywhere, a megabyte of tokens shall not cost a million matches.
    if (this.text.charCodeAt(this.at) <= SPACE) {
      this.match(BLANKS);
    }
  }

  /** Whether the text ends before `expected` is complete. */
  endsWithin(expected: string): boolean {
    const rest = this.text.slice(this.at, this.at + expected.length);
    return rest.length < expected.length && expected.startsWith(rest);
  }

  error(problem: string, at = this.at): JsonSyntaxError {
    const before = this.text.slice(0, at);
    const line = before.split('\n').length;
    const column = Array.from(before.slice(before.lastIndexOf('\n') + 1)).length + 1;
    return new JsonSyntaxError(`${problem}: line ${line} column ${column} (char ${Array.from(before).length})`);
  }

  /** What is wrong with the character at hand, or that there is none. */
  wrong(problem: string, at = this.at): JsonSyntaxError {
    return this.at >= this.text.length ? this.ended() : this.error(problem, at);
  }

  unexpected(expected: string): JsonSyntaxError {
    return this.wrong(`unexpected character, expected ${expected}`);
  }

  ended(): JsonSyntaxError {
    return this.error('unexpected end of data', this.text.length);
  }
}
