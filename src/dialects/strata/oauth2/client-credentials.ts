import { NotAuthenticated, TokenInvalid } from '../../../access/index.ts';
import { OauthRefusal } from './errors.ts';
import type { TokenForm } from './form.ts';

/** How a client says who it is. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly secret: string;
}

/**
 * What a client may have meant, the likeliest first: by HTTP Basic or by fields of the form, or by both where they say the same (contract
 * §1.1). By Basic both parts are form-encoded (RFC 6749 §2.3.1), which not every client does: where that matters there are two readings.
 *
 * @param authorization the header
 * @throws {NotAuthenticated} where it does not say
 * @throws {TokenInvalid} where the header is broken
 * @throws {OauthRefusal} where the two say different things
 */
export function readCredentials(authorization: string | undefined, form: TokenForm): readonly ClientCredentials[] {
  const { client_id: clientId, client_secret: secret } = form;
  const [, encoded] = /^Basic(?: +(.*))?$/i.exec(authorization ?? '') ?? [];
  if (!/^Basic(?: |$)/i.test(authorization ?? '')) {
    if (clientId === undefined || secret === undefined) {
      throw new NotAuthenticated();
    }
    return [{ clientId, secret }];
  }
  const readings = readBasic(encoded ?? '');
  const agreeing = readings.filter(
    (reading) => (clientId ?? reading.clientId) === reading.clientId && (secret ?? reading.secret) === reading.secret,
  );
  if (agreeing.length === 0) {
    throw new OauthRefusal('invalid_request', 'the client names itself twice, and differently');
  }
  return agreeing;
}

/** RFC 7617 §2: the first colon ends the name. */
function readBasic(encoded: string): readonly ClientCredentials[] {
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (!/^[A-Za-z0-9+/]+={0,2} *$/.test(encoded) || colon < 1) {
    throw new TokenInvalid();
  }
  const raw = { clientId: text.slice(0, colon), secret: text.slice(colon + 1) };
  const decoded = { clientId: formDecoded(raw.clientId), secret: formDecoded(raw.secret) };
  const isSame = decoded.clientId === raw.clientId && decoded.secret === raw.secret;
  return isSame ? [raw] : [decoded, raw];
}

/** RFC 6749 appendix B; what is not so encoded stays. */
function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
