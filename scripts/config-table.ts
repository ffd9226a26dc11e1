import { environmentSchema, isSecret } from '../src/environment.ts';

const SECTION = /(<!-- configuration: begin -->\n)[\s\S]*?(<!-- configuration: end -->)/;

/** The environment variables as a table in Markdown. */
export function configTable(): string {
  const defaults: Record<string, unknown> = environmentSchema.parse({});
  const rows = Object.entries(environmentSchema.shape).map(([name, schema]) => {
    const secret = isSecret(name as keyof typeof environmentSchema.shape) ? ' *(secret)*' : '';
    const standard = defaults[name] === undefined ? '–' : `\`${String(defaults[name])}\``;
    return `| \`${name}\`${secret} | ${standard} | ${schema.description ?? ''} |`;
  });
  return ['| variable | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

/** The text with its section of configuration replaced. */
export function withConfigTable(text: string, table: string): string {
  if (!SECTION.test(text)) {
    throw new Error('there is no section for the configuration');
  }
  return text.replace(SECTION, (_whole, begin: string, end: string) => `${begin}${table}\n${end}`);
}
