import { AuditKeyMalformed } from '../audit/index.ts';
import { ConfigError } from '../config.ts';
import { EmbeddedPostgresError, isUnavailable, MigrationError } from '../database/index.ts';
import { maskSecrets } from '../http/index.ts';
import { SealingError } from '../sealing/index.ts';
import { BackupError } from './backup/index.ts';
import { MetricsAddressRefused, StartRefused } from './errors.ts';

/** sysexits.h, EX_CONFIG: the configuration is at fault. */
const EX_CONFIG = 78;

/**
 * Says in a person's words why the server did not start, or a command did not run.
 *
 * @param what did not come about, with which the text begins
 * @returns the text for the terminal, and the process's exit code
 */
export function explainFailure(error: unknown, what = 'Certkeep does not start'): { text: string; exitCode: number } {
  if (error instanceof ConfigError) {
    return { text: `${what} with this configuration:\n\n${indent(error.message)}`, exitCode: EX_CONFIG };
  }
  if (error instanceof SealingError || error instanceof AuditKeyMalformed || error instanceof StartRefused) {
    return { text: `${what}.\n\n${error.message}`, exitCode: EX_CONFIG };
  }
  if (
    error instanceof EmbeddedPostgresError ||
    error instanceof MigrationError ||
    error instanceof MetricsAddressRefused ||
    error instanceof BackupError
  ) {
    return { text: `${what}.\n\n${error.message}`, exitCode: 1 };
  }
  if (isRefusedAddress(error)) {
    const { address = '', port = '' } = error;
    return {
      text: `Certkeep can't listen on ${address}:${port} (${error.code}). Set CERTKEEP_HOST and CERTKEEP_PORT.`,
      exitCode: 1,
    };
  }
  const refusal = databaseRefusal(error);
  if (refusal !== undefined) {
    return { text: `${what}: the database refuses the connection (${refusal}).`, exitCode: EX_CONFIG };
  }
  if (error instanceof Error && 'code' in error && error.code === 'EISDIR') {
    return {
      text: `${what}: where a file should be there is a directory (${error.message}).`,
      exitCode: 1,
    };
  }
  if (isUnavailable(error)) {
    return { text: `${what}: the database can't be reached (${reasonOf(error)}).`, exitCode: 1 };
  }
  const whole = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text: `${what}.\n\n${maskSecrets(whole)}`, exitCode: 1 };
}

/** SQLSTATE of a role, a password or a database that is wrong, and pg's word for a server without TLS. */
const REFUSALS = /^(28000|28P01|3D000)$/;

function databaseRefusal(error: unknown): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    const code = 'code' in current ? String(current.code) : '';
    if (REFUSALS.test(code) || /server does not support SSL/.test(current.message)) {
      return current.message;
    }
  }
  return undefined;
}

interface ListenError extends Error {
  readonly code: string;
  readonly address?: string;
  readonly port?: number;
}

function isRefusedAddress(error: unknown): error is ListenError {
  return error instanceof Error && 'syscall' in error && error.syscall === 'listen' && 'code' in error;
}

/** The innermost message: wrappers say only that something failed. */
function reasonOf(error: unknown): string {
  let current = error;
  while (current instanceof Error && current.cause !== undefined) {
    current = current.cause;
  }
  return current instanceof Error ? current.message : 'no reason given';
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
