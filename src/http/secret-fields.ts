import { z } from 'zod';

const marked = new WeakSet<z.core.$ZodType>();

/** Marks a field as a secret that is read, too: no log shows it. Fields that are `writeOnly` are secrets by themselves. */
export function secretField<T extends z.core.$ZodType>(field: T): T {
  marked.add(field);
  return field;
}

/** Whether a field is a secret, also where it may be absent. */
export function isSecretField(field: z.core.$ZodType): boolean {
  if (marked.has(field) || z.globalRegistry.get(field)?.['writeOnly'] === true) {
    return true;
  }
  const wraps = field instanceof z.ZodOptional || field instanceof z.ZodNullable || field instanceof z.ZodDefault;
  return wraps && isSecretField(field.unwrap());
}

/** The names of the fields of some schemas that are secrets. */
export function secretNamesOf(schemas: readonly z.ZodObject[]): string[] {
  const fields = schemas.flatMap(({ shape }) => Object.entries(shape));
  return [...new Set(fields.filter(([, field]) => isSecretField(field)).map(([name]) => name))];
}
