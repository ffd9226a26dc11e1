import type { CertificateView, Keypairs } from '../../keypairs/index.ts';
import type { Target } from './find-certificate.ts';
import type { Base, Services } from './route.ts';
import { type Container, containerAt } from './tenancy.ts';

/** How dates are written, which the configuration decides for the legacy base path (contract §5.1). */
export type DateForm = Services['legacyDates'];

/** The form of dates below a base path. */
export function dateFormOf({ isLegacy }: Base, { legacyDates }: Pick<Services, 'legacyDates'>): DateForm {
  return isLegacy ? legacyDates : 'full-date';
}

/** `certificates-get` (contract §5). Every scalar but `ca` is a string, whatever is known of the certificate. */
export function renderCertificate(view: CertificateView, { kind, name }: Container, dates: DateForm) {
  const commonName = view.commonName ?? '';
  const subject = view.subjectOneLine ?? view.subject;
  return {
    id: view.id,
    name: view.name,
    [kind]: name,
    algorithm: algorithmOf(view),
    ca: view.isCa,
    common_name: commonName,
    common_name_int: commonName,
    expiry_epoch: String(Math.floor(view.notAfter.getTime() / 1000)),
    issuer: view.issuerOneLine ?? view.issuer,
    issuer_hash: view.issuerHash ?? '',
    subject,
    subject_hash: view.subjectHash ?? '',
    subject_int: subject,
    not_valid_before: formatDate(view.notBefore, dates),
    not_valid_after: formatDate(view.notAfter, dates),
    public_key: view.certificate ?? '',
  };
}

/**
 * A stored certificate as this API shows it.
 *
 * @throws {KeypairNotFound}
 */
export async function renderStored(
  { keypairs, legacyDates }: { readonly keypairs: Pick<Keypairs, 'viewOf'> } & Pick<Services, 'legacyDates'>,
  base: Base,
  { id, placement }: Target,
) {
  const container = containerAt(placement.scope);
  if (container === undefined) {
    throw new Error(`${id} is in no container`);
  }
  return renderCertificate(await keypairs.viewOf(placement, id), container, dateFormOf(base, { legacyDates }));
}

function algorithmOf({ keyType }: CertificateView): string {
  return (keyType ?? 'unknown').toUpperCase();
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `2035-09-01`, or as OpenSSL prints it: `Sep  1 15:07:25 2035 GMT`. */
function formatDate(date: Date, form: DateForm): string {
  const [day = '', time = ''] = date.toISOString().split('T');
  if (form === 'full-date') {
    return day;
  }
  const padded = String(date.getUTCDate()).padStart(2);
  return `${MONTHS[date.getUTCMonth()]} ${padded} ${time.slice(0, 8)} ${date.getUTCFullYear()} GMT`;
}
