import type { FastifyRequest } from 'fastify';
import { OauthRefusal } from './errors.ts';

const MEDIA_TYPE = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;

/** Those that mean something; all others are passed over (RFC 6749 §3.2, and contract §1.1: a client sends `client_kwargs`). */
const KNOWN = ['grant_type', 'client_id', 'client_secret', 'scope'] as const;

/** What a token is asked for with. A field without a value counts as absent (RFC 6749 §3.2). */
export type TokenForm = { readonly [Name in (typeof KNOWN)[number]]?: string };

/**
 * Reads the body of a token request.
 *
 * @throws {OauthRefusal} for another media type, for no body, and where a field that is known stands more than once
 */
export function readForm({ body, contentType }: FastifyRequest): TokenForm {
  if (!MEDIA_TYPE.test(contentType)) {
    throw new OauthRefusal('invalid_request', 'the body must be application/x-www-form-urlencoded');
  }
  if (!Buffer.isBuffer(body) || body.length === 0) {
    throw new OauthRefusal('invalid_request', 'there is no body');
  }
  const fields = new URLSearchParams(body.toString('utf8'));
  const form: { -readonly [Name in keyof TokenForm]: TokenForm[Name] } = {};
  for (const name of KNOWN) {
    const [value = '', ...others] = fields.getAll(name);
    if (others.length > 0) {
      throw new OauthRefusal('invalid_request', `${name} stands more than once`);
    }
    if (value !== '') {
      form[name] = value;
    }
  }
  return form;
}
