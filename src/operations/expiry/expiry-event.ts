import { type NewEvent, SERVER } from '../../audit/index.ts';
import { hasExpired, isoTime, type Notice, remainingMs } from './notice.ts';

/** Which part of the server tells of it. */
const APP = 'certkeep.expiry';
const MODEL = { app: 'authentik_crypto', name: 'certificatekeypair' } as const;

/** The event of a notice, of the pair's own model, so that one question finds all that happened to a pair (contract §4). */
export function expiryEvent(notice: Notice): NewEvent {
  const { certificate, threshold } = notice;
  const { id, name, placement } = certificate.keypair;
  const pk = id.replaceAll('-', '');
  return {
    action: 'configuration_warning',
    app: APP,
    actor: SERVER,
    model: { app: MODEL.app, modelName: MODEL.name, pk, name },
    context: {
      message: `Certificate '${name}' ${hasExpired(notice) ? 'has expired' : `expires in ${durationText(remainingMs(notice))}`}`,
      model: { pk, app: MODEL.app, name, model_name: MODEL.name },
      threshold,
      not_after: isoTime(certificate.validity.notAfter),
      fingerprint_sha256: certificate.fingerprintSha256,
      subject: certificate.subject,
      // authentik has one place alone, and tells of none.
      ...(placement.realm === 'authentik' ? {} : { placement: { ...placement } }),
    },
  };
}

const UNITS = [
  ['day', 24 * 60 * 60 * 1000],
  ['hour', 60 * 60 * 1000],
  ['minute', 60 * 1000],
] as const;

/**
 * For people: rounded, in the largest unit of which there is one.
 *
 * @param ms positive
 */
function durationText(ms: number): string {
  for (const [unit, length] of UNITS) {
    const count = Math.round(ms / length);
    // A watch looks every few seconds: what a notice of seven days tells of has a little less than that left.
    if (count > 1 || (count === 1 && ms > length * 0.99)) {
      return `${count} ${unit}${count === 1 ? '' : 's'}`;
    }
  }
  return 'a minute';
}
