import { X509Certificate } from 'node:crypto';
import forge from 'node-forge';
import { loadCertificate, loadCertificateDer } from '../../src/x509/certificate.ts';
import type { Bench } from '../bench.ts';
import { type Contestant, compare } from '../compare.ts';
import { parse, parseAndRead } from '../load/peculiar.ts';
import { burst } from './burst.ts';
import { makeLeaf, type Sample } from './samples.ts';

/** Turns for each of a run's rounds: each is short. */
const TURNS = 10;

/** A certificate's facts from its text and from its DER, beside `new X509Certificate` of the same. */
export async function parseCertificates({ rounds, report }: Pick<Bench, 'rounds' | 'report'>): Promise<void> {
  for (const leaf of [makeLeaf('P-256'), makeLeaf('RSA-2048')]) {
    const forms: Readonly<Record<string, readonly Contestant[]>> = { PEM: ofText(leaf), DER: ofDer(leaf) };
    for (const [form, contestants] of Object.entries(forms)) {
      const compared = await compare(contestants, rounds * TURNS);
      report.compared(`parse a certificate for ${leaf.name}, ${form}`, compared);
      const goal = `parse a certificate for ${leaf.name}, ${form}: of X509Certificate’s time`;
      report.goal(goal, 1 / (compared[1]?.ratio ?? Number.NaN), '', { atMost: 1.5 });
    }
  }
}

function ofText({ name, pem, der }: Sample): Contestant[] {
  return [
    burst('X509Certificate', () => new X509Certificate(pem)),
    burst('Certkeep, all facts', () => loadCertificate(pem)),
    burst('X509Certificate, read', () => readFacts(new X509Certificate(pem))),
    burst('@peculiar/x509', () => parse(pem)),
    burst('@peculiar/x509, read', () => parseAndRead(pem, der)),
    ...(isForges(name) ? [burst('node-forge', () => forge.pki.certificateFromPem(pem))] : []),
  ];
}

function ofDer({ name, der }: Sample): Contestant[] {
  return [
    burst('X509Certificate', () => new X509Certificate(der)),
    burst('Certkeep, all facts', () => loadCertificateDer(der)),
    burst('@peculiar/x509', () => parse(der)),
    ...(isForges(name) ? [burst('node-forge', () => parseByForge(der))] : []),
  ];
}

/** What Certkeep gives at once, as far as X509Certificate has it. */
function readFacts(certificate: X509Certificate): unknown[] {
  const { subject, issuer, serialNumber, validFrom, validTo, fingerprint, fingerprint256 } = certificate;
  const { subjectAltName, ca, publicKey } = certificate;
  const { asymmetricKeyType, asymmetricKeyDetails } = publicKey;
  return [
    ...[subject, issuer, serialNumber, validFrom, validTo, fingerprint, fingerprint256, subjectAltName, ca],
    ...[asymmetricKeyType, asymmetricKeyDetails],
  ];
}

function parseByForge(der: Buffer): unknown {
  return forge.pki.certificateFromAsn1(forge.asn1.fromDer(der.toString('latin1')));
}

/** node-forge refuses any other key. */
function isForges(name: string): boolean {
  return name.startsWith('RSA');
}
