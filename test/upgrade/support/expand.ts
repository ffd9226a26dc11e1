/** Statements of a migration that the version before it can't be known to bear. */

/** Splits a script at the semicolons that end statements; what is quoted and what is commented away can hold none, and is left out. */
export function statementsOf(script: string): string[] {
  const bare = script.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\/|(\$\w*\$)[\s\S]*?\1|'(?:[^']|'')*'/g, (quoted) =>
    /^(?:--|\/\*)/.test(quoted) ? ' ' : "''",
  );
  return bare
    .split(';')
    .map((statement) => statement.replaceAll(/\s+/g, ' ').trim())
    .filter((statement) => statement !== '');
}

const ALWAYS_BORNE = [
  /^CREATE TABLE /i,
  /^CREATE TYPE /i,
  /^CREATE INDEX /i,
  // Nobody calls it yet; a trigger that does is a statement of its own.
  /^CREATE FUNCTION /i,
  /^COMMENT ON /i,
  // Whoever writes or locks a row waits for a moment; readers do not.
  /^LOCK TABLE "?\w+"? IN EXCLUSIVE MODE$/i,
];

/** What is done to a table of the migration's own. */
const TO_A_TABLE =
  /^(?:ALTER TABLE(?: ONLY)?|INSERT INTO|UPDATE|CREATE UNIQUE INDEX "?\w+"? ON|CREATE TRIGGER .*? ON) "?(\w+)"?/i;

/** Columns that a writer who knows nothing of them can leave out. */
const ADDS_COLUMNS = /^ALTER TABLE "?\w+"? (?:ADD COLUMN (?:[^,()]|\([^()]*\))+(?:, |$))+$/i;

/** A row that refers to another keeps it from being deleted, unless it goes with it or lets it go. */
const REFERENCE = /\bREFERENCES "?(\w+)"?([^,]*)/gi;
const LETS_GO = /\bON DELETE (?:CASCADE|SET NULL)\b/i;

/**
 * The statements of a migration that a server of the version before might not bear: all but those that only add what it need not know.
 *
 * @param script of SQL
 */
export function unborneStatements(script: string): string[] {
  const statements = statementsOf(script);
  const own = new Set(statements.map((statement) => /^CREATE TABLE "?(\w+)"?/i.exec(statement)?.[1]));
  return statements.filter((statement) => {
    const table = TO_A_TABLE.exec(statement)?.[1];
    const holdsBack = [...statement.matchAll(REFERENCE)].some(
      ([, referred, rest = '']) => !own.has(referred) && !LETS_GO.test(rest),
    );
    if (holdsBack) {
      return true;
    }
    const isBorne =
      ALWAYS_BORNE.some((pattern) => pattern.test(statement)) ||
      (table !== undefined && own.has(table)) ||
      (ADDS_COLUMNS.test(statement) && columnsOf(statement).every(mayBeLeftOut));
    return !isBorne;
  });
}

/** A value for each row by itself has the table written anew, under a lock that lets nobody read. */
const REWRITES = /\bSTORED\b|\bIDENTITY\b|\bDEFAULT (?!now\()"?\w+"?\(/i;

const columnsOf = (statement: string) => statement.split(/ADD COLUMN /i).slice(1);

/** A column with a constraint of its own could refuse what the version before writes, as one without a value would. */
function mayBeLeftOut(column: string): boolean {
  const isFilled = !/\bNOT NULL\b/i.test(column) || /\b(?:DEFAULT|GENERATED)\b/i.test(column);
  return isFilled && !REWRITES.test(column) && !/\b(?:UNIQUE|CHECK|REFERENCES|PRIMARY KEY)\b/i.test(column);
}
