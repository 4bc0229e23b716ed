import { AppError } from '../../../domain/errors.js';
import type { ApiClient } from '../api-client.js';
import { progressOf } from '../progress.js';

/** How often it is asked how far a move is, in ms. */
const ASK_EVERY = 200;

/** Changes a project's engine and waits until its data is there, also where that is under way already. */
export async function migrate(
  client: ApiClient,
  project: string,
  to: string,
  options: object | undefined,
): Promise<void> {
  await client.requirePersistent(project, to);
  const storage = { engine: to, ...(options === undefined ? {} : { options }) };
  const begun = await client.call('PUT', project, { storage });
  const migrations = begun.status === 202 ? [begun.data] : (await client.call('GET', `${project}/migrations`)).data;
  const running = migrations.find(({ state }: { state: string }) => state === 'copying');
  if (running !== undefined) return awaitMigration(client, project, running, `Moving ${project} to ${to}`);
  console.error(`Project '${project}' uses ${to} already; nothing had to be moved`);
}

/** Shows how a move gets on until it ends; rejects with `unavailable` where it failed. */
export async function awaitMigration(
  client: ApiClient,
  project: string,
  { id }: { readonly id: string },
  title: string,
): Promise<void> {
  const progress = await progressOf(title, 'entries', 0);
  for (;;) {
    const { data } = await client.call('GET', `${project}/migrations/${id}`);
    // A project that hides its keys hides how many there are, too.
    if (data.copied !== null) progress.update(data.copied, Math.max(data.total, data.copied));
    if (data.state === 'failed') {
      progress.end('');
      throw new AppError('unavailable', `The project stays where it is: ${data.error}`);
    }
    if (data.state === 'done') {
      progress.end(
        `${data.copied ?? 'All'} entries moved from ${data.from} to ${data.to}; writers waited ${data.pause_ms} ms`,
      );
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY));
  }
}
