import type { Database } from '../database/index.ts';
import { withStoreErrors } from '../database/index.ts';
import type { Bytes } from './envelope.ts';

export type KekState = 'openable' | 'sealing' | 'retired';

export interface KekRow {
  readonly id: string;
  readonly state: KekState;
  readonly canary: Bytes;
}

export type KekRepository = ReturnType<typeof kekRepository>;

/** The only code that touches the table of KEKs. */
export function kekRepository({ prisma }: Database) {
  return withStoreErrors({
    list(): Promise<KekRow[]> {
      return prisma.kek.findMany({ select: { id: true, state: true, canary: true }, orderBy: { createdAt: 'asc' } });
    },

    /** Adds the store's first KEK, unless another process was quicker: a unique index lets one alone be `sealing`. */
    async addFirst(row: KekRow): Promise<void> {
      await prisma.kek.createMany({ data: [row], skipDuplicates: true });
    },
  });
}
