import type { WebhookConfig } from '../../config.ts';
import { AttemptFailed } from './attempt-failed.ts';
import { newMessage } from './message.ts';
import { webhookSender } from './send.ts';
import type { StoredMessage, WebhookRepository } from './webhook-repository.ts';

/** What became of a message that was sent to see whether it arrives. */
export type TestOutcome =
  | { readonly kind: 'delivered'; readonly status: number; readonly milliseconds: number }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'not configured' };

/** What an operator does with webhooks. */
export interface WebhookAdministration {
  /** Sends a message of the type `webhook.test` now, once, past the outbox. */
  test(): Promise<TestOutcome>;
  /** The messages of the last 30 days, the newest first, {@link MAX_LISTED} at the most. */
  list(options: { readonly failedOnly: boolean }): Promise<StoredMessage[]>;
  /**
   * Has what was given up sent again, and what waits, at once.
   *
   * @param id of that one alone; of all that were given up without it
   * @returns how many they are: 0 also for one that was delivered
   */
  retry(id?: string): Promise<number>;
}

export interface WebhookAdministrationOptions {
  readonly repository: Pick<WebhookRepository, 'list' | 'retry'>;
  readonly webhook: WebhookConfig | undefined;
}

export const MAX_LISTED = 1000;

export function webhookAdministration({ repository, webhook }: WebhookAdministrationOptions): WebhookAdministration {
  return {
    async test() {
      if (webhook === undefined) {
        return { kind: 'not configured' };
      }
      const message = newMessage('webhook.test', new Date(), {});
      const begin = performance.now();
      try {
        const { status } = await webhookSender({ webhook })(message);
        return { kind: 'delivered', status, milliseconds: Math.round(performance.now() - begin) };
      } catch (error) {
        if (!(error instanceof AttemptFailed)) {
          throw error;
        }
        return { kind: 'failed', reason: error.message };
      }
    },
    list: ({ failedOnly }) => repository.list({ failedOnly, limit: MAX_LISTED }),
    retry: (id) => repository.retry(id),
  };
}
