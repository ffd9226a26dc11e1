/** What a shell calls a command that SIGINT ended. */
export const INTERRUPTED = 130;

/**
 * Does something that ends by itself, at a place where that does no harm, once it is interrupted. A second signal ends the process at once.
 *
 * @param act given what is aborted by SIGINT and SIGTERM
 */
export async function interruptibly<T>(act: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  // From then on both do what they do by themselves.
  const abort = () => {
    controller.abort();
    process.off('SIGINT', abort).off('SIGTERM', abort);
  };
  process.on('SIGINT', abort).on('SIGTERM', abort);
  try {
    return await act(controller.signal);
  } finally {
    process.off('SIGINT', abort).off('SIGTERM', abort);
  }
}
