import { AppError } from '../../../../domain/errors.js';
import type { ApiClient } from '../../connection/api-client.js';
import { startProgress } from '../../output/progress.js';

/** How often the server is asked for the state of a migration, in ms. */
const POLL_INTERVAL = 200;

/** Shows the progress of a migration and resolves with it once it is done; rejects with `unavailable` if it fails. */
export async function awaitMigration(
  client: ApiClient,
  project: string,
  { id }: { readonly id: string },
  title: string,
): Promise<object> {
  const progress = await startProgress(title, 'entries', 0);
  for (;;) {
    const { data } = await client.call('GET', `${project}/migrations/${id}`, undefined, { expects: ['state'] });
    // A project that hides its keys also hides their number.
    if (data.copied !== null) progress.update(data.copied, Math.max(data.total, data.copied));
    if (data.state === 'failed') {
      progress.end('');
      throw new AppError('unavailable', `The project stays where it is: ${data.error}`);
    }
    if (data.state === 'done') {
      progress.end(
        `${data.copied ?? 'All'} entries moved from ${data.from} to ${data.to}; writers waited ${data.pause_ms} ms`,
      );
      return data;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL));
  }
}
