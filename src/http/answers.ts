import { z } from 'zod';

/** How answers are described for OpenAPI. */

/** An answer with a JSON body, and perhaps with others. */
export function answer(
  description: string,
  schema: z.ZodType,
  others: Readonly<Record<string, { schema: z.ZodType }>> = {},
) {
  return { description, content: { 'application/json': { schema }, ...others } };
}

/** An answer without a body: the type tells OpenAPI so. */
export function noContent(description: string) {
  return z.unknown().meta({ type: 'null', description });
}
