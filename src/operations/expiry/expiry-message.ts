import { type NewMessage, newMessage } from '../webhooks/message.ts';
import { hasExpired, isoTime, type Notice, remainingMs } from './notice.ts';

/** What is sent of a notice: `certificate.expiring`, and `certificate.expired` of one that is told of when it has (docs/operations/expiry.md). */
export function expiryMessage(notice: Notice): NewMessage {
  const { certificate, threshold, at } = notice;
  const { id, name, placement } = certificate.keypair;
  return newMessage(hasExpired(notice) ? 'certificate.expired' : 'certificate.expiring', new Date(at), {
    keypair: { id, name, realm: placement.realm, scope: placement.scope },
    certificate: {
      fingerprint_sha256: certificate.fingerprintSha256,
      subject: certificate.subject,
      issuer: certificate.issuer,
      serial_number: certificate.serialNumber,
      not_before: isoTime(certificate.validity.notBefore),
      not_after: isoTime(certificate.validity.notAfter),
    },
    threshold,
    remaining_seconds: Math.floor(remainingMs(notice) / 1000),
  });
}
