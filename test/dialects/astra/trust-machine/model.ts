/** The trust of one certificate as contract §2, §3.4 and §4 have it. Nothing of the server is in here. */

export type State = 'untrusted' | 'trusted' | 'expired';

/** A certificate as openssl made it. */
export interface Material {
  /** Base64 of its PEM. */
  readonly cert: string;
  readonly commonName: string;
  /** Milliseconds since 1970; whole seconds. */
  readonly notAfter: number;
}

export interface Label {
  readonly name: string;
  readonly value: string;
}

/** A body of PUT, as far as it matters. */
export interface Put {
  readonly version: '1.0' | '1.1';
  readonly certificate?: Material;
  readonly certUse?: string;
  readonly isSelfSigned?: string;
  readonly trustStateDesired?: 'trusted' | 'untrusted';
  /** `metadata` with labels, without them, or absent. */
  readonly metadata?: { readonly labels?: readonly Label[] };
  /** What the service owns, and a client may send: ignored. */
  readonly derived?: { readonly trustState: State; readonly cn: string };
  readonly id?: 'own' | 'another';
  readonly ifMatch?: 'current' | 'stale' | 'any';
}

export interface Answer {
  readonly status: number;
  /** The number of the problem. */
  readonly problem?: number;
}

export class TrustModel {
  certificate: Material;
  certUse = 'rootCA';
  isSelfSigned = 'false';
  desired: 'trusted' | 'untrusted' = 'trusted';
  version = '1.1';
  labels: readonly Label[] = [];
  readonly transitions: `${State} → ${State}`[] = [];
  #state: State;
  #now: number;

  constructor(certificate: Material, now: number) {
    this.certificate = certificate;
    this.#now = now;
    this.#state = this.#stateNow();
  }

  get state(): State {
    return this.#state;
  }

  passTime(now: number): void {
    this.#now = now;
    this.#move();
  }

  put(body: Put): Answer {
    if (body.id === 'another') {
      return { status: 409, problem: 10 };
    }
    if (body.ifMatch === 'stale') {
      return { status: 412, problem: 38 };
    }
    const certificate = body.certificate ?? this.certificate;
    const desired = body.trustStateDesired ?? this.desired;
    if (desired !== this.desired && this.#now > certificate.notAfter) {
      return { status: 400, problem: 110 };
    }
    this.isSelfSigned = body.isSelfSigned ?? (body.certificate === undefined ? this.isSelfSigned : 'false');
    this.certUse = body.certUse ?? this.certUse;
    this.labels = body.metadata?.labels ?? this.labels;
    this.version = body.version;
    this.certificate = certificate;
    this.desired = desired;
    this.#move();
    return { status: 204 };
  }

  /** The resource without its id and what the service writes by itself. */
  resource() {
    return {
      type: 'application/astra-certificate',
      version: this.version,
      certUse: this.certUse,
      cert: this.certificate.cert,
      cn: this.certificate.commonName,
      expiryTimestamp: new Date(this.certificate.notAfter).toISOString().replace('.000Z', 'Z'),
      isSelfSigned: this.isSelfSigned,
      trustState: this.#state,
      trustStateTransitions: [
        { from: 'untrusted', to: ['trusted'] },
        { from: 'trusted', to: ['untrusted'] },
      ],
      trustStateDesired: this.desired,
      trustStateDetails: [],
    };
  }

  #stateNow(): State {
    return this.#now > this.certificate.notAfter ? 'expired' : this.desired;
  }

  #move(): void {
    const next = this.#stateNow();
    if (next !== this.#state) {
      this.transitions.push(`${this.#state} → ${next}`);
      this.#state = next;
    }
  }
}
