import { createHash } from 'node:crypto';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ReadableStream } from 'node:stream/web';
import { createGzip } from 'node:zlib';
import { Encrypter } from 'age-encryption';
import { kekRecipient } from './kek-stanza.ts';

/** A passphrase as age seals under one. */
export interface PassphraseSeal {
  readonly passphrase: string;
  /** The binary logarithm of scrypt's N; age's own default without it, some seconds of work and 256 MiB. */
  readonly workFactor?: number;
}

/** Under what a backup is sealed. */
export type Seal = PassphraseSeal | { readonly kek: { readonly id: string; readonly kek: Uint8Array } };

/** What was written. */
export interface Written {
  /** Of the file. */
  readonly bytes: number;
  /** Of the file, in hexadecimal: as sha256sum tells it. */
  readonly sha256: string;
}

/**
 * Compresses and seals a stream, and writes it.
 *
 * @param end whether `out` is ended behind it
 */
export async function writeSealed(
  plain: AsyncIterable<Uint8Array>,
  seal: Seal,
  out: Writable,
  { end }: { readonly end: boolean },
): Promise<Written> {
  const digest = createHash('sha256');
  let bytes = 0;
  const sealed = (compressed: AsyncIterable<Uint8Array>) => sealedStream(compressed, seal);
  async function* measured(pieces: AsyncIterable<Uint8Array>) {
    for await (const piece of pieces) {
      bytes += piece.length;
      digest.update(piece);
      yield piece;
    }
  }
  await pipeline(Readable.from(plain), createGzip(), sealed, measured, out, {
    end,
  });
  return { bytes, sha256: digest.digest('hex') };
}

/** An age file (C2SP age-encryption.org/v1). */
async function* sealedStream(plain: AsyncIterable<Uint8Array>, seal: Seal): AsyncGenerator<Uint8Array> {
  const encrypter = new Encrypter();
  if ('passphrase' in seal) {
    encrypter.setPassphrase(seal.passphrase);
    if (seal.workFactor !== undefined) {
      encrypter.setScryptWorkFactor(seal.workFactor);
    }
  } else {
    encrypter.addRecipient(kekRecipient(seal.kek));
  }
  yield* await encrypter.encrypt(ReadableStream.from(plain));
}
