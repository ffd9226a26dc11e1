/** How commands write what they show. */

/** A line for each row, its cells below each other; the first row names the columns. What steers a terminal is escaped. */
export function tableText(rows: readonly (readonly string[])[]): string {
  const printed = rows.map((row) => row.map(printable));
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...printed.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return printed.map((row) => `${line(row)}\n`).join('');
}

/** Of a time in ISO 8601, what a person looks for; `-` for none. */
export function minute(time: string | null): string {
  return time === null ? '-' : `${time.slice(0, 16)}Z`;
}

/** Names come from whoever gave them: what steers a terminal is escaped. */
export function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

export function jsonOf(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
