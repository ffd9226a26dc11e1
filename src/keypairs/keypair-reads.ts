import type { CertificateView } from './certificate-view.ts';
import type { KeypairDescription } from './description.ts';
import { KeypairNotFound } from './errors.ts';
import type { Keypair, KeypairId, Placement, Realm } from './keypair.ts';
import type { ExportPage, PairToExport } from './pair-to-export.ts';
import type { KeypairFilter, Order, Page } from './query.ts';
import type { KeypairRepository } from './repository.ts';
import type { ManagedKeypair } from './repository-managed.ts';
import type { Turns } from './turns.ts';
import { staying } from './waiting.ts';

export interface KeypairReadsOptions {
  readonly repository: KeypairRepository;
  readonly searches: Turns;
}

/** What can be seen of keypairs without their texts, but for the certificates that some APIs show in lists. */
export function keypairReads({ repository, searches }: KeypairReadsOptions) {
  return {
    /** @throws {KeypairNotFound} where there is none, or none that passes the filter */
    async get(placement: Placement, id: KeypairId, filter: KeypairFilter = {}): Promise<Keypair> {
      const keypair = await repository.find(placement, id, filter);
      if (keypair === undefined) {
        throw new KeypairNotFound(id);
      }
      return keypair;
    },

    /** Whether any keypair passes the filter. */
    exists(placement: Placement, filter: KeypairFilter): Promise<boolean> {
      return repository.exists(placement, filter);
    },

    /**
     * All that is stored of a keypair but its texts.
     *
     * @throws {KeypairNotFound}
     */
    async describe(placement: Placement, id: KeypairId): Promise<KeypairDescription> {
      const description = await repository.describe(placement, id);
      if (description === undefined) {
        throw new KeypairNotFound(id);
      }
      return description;
    },

    /**
     * One page and the number of all that match. A search waits for its turn; what is no search never does.
     *
     * @param departure gives what is aborted when the caller leaves, where it has to wait; without it the caller stays
     * @throws {Abandoned} where the caller left before its turn
     */
    list(placement: Placement, filter: KeypairFilter, orders: readonly Order[], page: Page, departure = staying) {
      const read = () => repository.list(placement, filter, orders, page);
      return filter.search === undefined ? read() : searches.run(read, departure());
    },

    /** As `list`, of all that is shown of certificates, their texts too. For APIs whose lists show them. */
    listCertificates(placement: Placement, filter: KeypairFilter, orders: readonly Order[], page: Page) {
      return repository.listCertificates(placement, filter, orders, page);
    },

    /**
     * All that is shown of one certificate.
     *
     * @throws {KeypairNotFound}
     */
    async viewOf(placement: Placement, id: KeypairId): Promise<CertificateView> {
      const view = await repository.findCertificate(placement, id);
      if (view === undefined) {
        throw new KeypairNotFound(id);
      }
      return view;
    },

    /**
     * In which scopes of a realm keypairs are: for APIs whose paths don't say. Whether the caller may look there is the API's question.
     *
     * @returns by id; those that are not there are missing
     */
    locate(realm: Realm, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
      return repository.locate(realm, ids);
    },

    /** What is managed by one owner in a place, the oldest first, with how old it is by the database's clock, on which all replicas agree. */
    listManaged(placement: Placement, managed: string): Promise<readonly ManagedKeypair[]> {
      return repository.listManaged(placement, managed);
    },

    /**
     * A page of the pairs of a realm whose names are unique, in the order of their names: what comes and goes meanwhile keeps no other one
     * from being read once.
     */
    listForExport(placement: Placement, page: ExportPage): Promise<readonly PairToExport[]> {
      return repository.listForExport(placement, page);
    },

    /** Whether viewing the certificate's text is viewing a private key; false where there is no such keypair. */
    certificateHoldsKey(placement: Placement, id: KeypairId): Promise<boolean> {
      return repository.certificateHoldsKey(placement, id);
    },
  };
}
