/** What is asked of a caller whose work has to wait. */
export interface Waiting {
  /** Gives what is aborted when the caller leaves; asked only where there is something to wait for. Without it the caller stays. */
  readonly departure?: () => AbortSignal;
  /** Decides once more, after a wait, whether the caller may, and throws where not. */
  readonly stillMay?: () => Promise<void>;
}

/** Of a caller who does not leave. */
export const staying = () => new AbortController().signal;
