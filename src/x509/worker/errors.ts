/** Why a worker gave no answer; none of these is the input's fault. */
export type WorkerFailure = 'CLOSED' | 'OVERWHELMED' | 'THREAD_ENDED' | 'TASK_FAILED';

const REASONS: Readonly<Record<WorkerFailure, string>> = {
  CLOSED: 'the worker is closed',
  OVERWHELMED: 'too many threads of earlier work have not ended yet',
  THREAD_ENDED: 'the thread ended without an answer',
  TASK_FAILED: 'the task failed',
};

/** The work was not done, and nothing is known of the input: it may be sent again. */
export class WorkerUnavailable extends Error {
  override readonly name = 'WorkerUnavailable';
  readonly code = 'WORKER_UNAVAILABLE';
  readonly failure: WorkerFailure;

  /** @param detail without a byte of any input: it is logged */
  constructor(failure: WorkerFailure, detail?: string, cause?: unknown) {
    const message = detail === undefined ? REASONS[failure] : `${REASONS[failure]}: ${detail}`;
    super(message, cause === undefined ? undefined : { cause });
    this.failure = failure;
  }
}
