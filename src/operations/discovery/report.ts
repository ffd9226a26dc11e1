import { KeypairRefused } from '../../keypairs/index.ts';
import type { FoundPair } from './certificate-files.ts';
import type { RefusedFile, RefusedFileCode } from './refused-file.ts';
import { toldOnce } from './told-once.ts';

export interface DiscoveryLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** What is passed over without being wrong: certbot's folders hold four files, of which two make the pair. */
const IN_ORDER: ReadonlySet<RefusedFileCode> = new Set(['KEY_ALONE', 'NAME_SHARED']);

/** A certificate and its key are written one after the other: only who meets them so again tells of it. */
const SCANS_UNTIL_MISFIT = 2;

/** Tells of what discovery did, and once of each content what it did not. */
export function discoveryReport(log: DiscoveryLog) {
  const told = toldOnce();

  return {
    /** @returns how many are wrong */
    files(refused: readonly RefusedFile[]): number {
      for (const { path, code, reason } of refused) {
        if (told.meet(path, `${code} ${reason}`) === 1) {
          const level = IN_ORDER.has(code) ? 'debug' : 'warn';
          log[level]({ path, code, reason }, 'a file is not taken over');
        }
      }
      return refused.filter(({ code }) => !IN_ORDER.has(code)).length;
    },

    stored(pair: FoundPair, outcome: 'created' | 'updated'): void {
      log.info({ ...fieldsOf(pair), outcome }, 'a discovered pair was stored');
    },

    /** @param digest of its content */
    misfit(pair: FoundPair, digest: string): void {
      if (told.meet(pair.certificate.path, digest) === SCANS_UNTIL_MISFIT) {
        log.warn(fieldsOf(pair), 'a discovered pair is not stored: the private key is not the one of the certificate');
      }
    },

    /** @param digest of its content */
    failure(pair: FoundPair, digest: string, error: unknown): void {
      const isOfKey = error instanceof KeypairRefused && isAboutKeyAlone(error);
      const subject = (isOfKey ? pair.privateKey : undefined) ?? pair.certificate;
      if (told.meet(subject.path, digest) > 1) {
        return;
      }
      if (error instanceof KeypairRefused) {
        const { problems } = error;
        log.warn({ ...fieldsOf(pair), problems }, textOf(error));
      } else {
        log.warn({ ...fieldsOf(pair), err: error }, 'a discovered pair could not be stored');
      }
    },

    endScan(): void {
      told.turn();
    },
  };
}

/** Whether nothing but the private key keeps a pair from being stored. */
export function isAboutKeyAlone({ problems }: KeypairRefused): boolean {
  return problems.every(({ code }) => code === 'NOT_A_PRIVATE_KEY');
}

function textOf(error: KeypairRefused): string {
  const { problems } = error;
  if (isAboutKeyAlone(error)) {
    return 'a discovered private key is not taken over';
  }
  if (problems.some(({ code }) => code === 'NAME_TAKEN')) {
    return 'a discovered pair is not stored: a pair that was not discovered has its name, and keeps it';
  }
  return 'a discovered pair is not stored';
}

function fieldsOf({ name, certificate, privateKey }: FoundPair) {
  return { name, certificatePath: certificate.path, ...(privateKey && { privateKeyPath: privateKey.path }) };
}
