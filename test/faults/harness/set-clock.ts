import { setTimeout as sleep } from 'node:timers/promises';
import { parseVersion } from '../../../src/domain/version.js';
import type { MovableClock } from '../../harness/movable-clock.js';
import type { TestProject } from '../../harness/test-project.js';

export const HOUR = 3_600_000;
export const YEAR = 365 * 24 * HOUR;
/** How the clock is set in turn. */
const SHIFTS = [0, -HOUR, 0, YEAR, -HOUR, YEAR];

/**
 * Writes and restarts while the clock is set back and forward, and returns which versions did not rise. Before each
 * restart the project gets the next of the settings, if there are any.
 */
export async function setClock(
  project: TestProject,
  clock: MovableClock,
  durable: boolean,
  storages: readonly object[] = [],
): Promise<string[]> {
  const versions: number[] = [];
  for (const [i, shift] of SHIFTS.entries()) {
    clock.shift = shift;
    for (let i = 0; i < 3; i++) versions.push(await versionOf(project, `key-${i}`));
    const storage = storages[i % storages.length];
    if (storage !== undefined) await move(project, storage);
    await project.server.restart();
    if (durable) versions.push(await versionOf(project, 'after a restart'));
  }
  clock.shift = 0;
  return versions.flatMap((version, i) => {
    const before = versions[i - 1] ?? 0;
    return version > before ? [] : [`version ${version} came after ${before}`];
  });
}

async function move({ server, id }: TestProject, storage: object): Promise<void> {
  const key = server.systemKey;
  const { text, headers } = await server.call('PUT', id, { key, body: JSON.stringify({ storage }) });
  if (headers.get('location') === null) throw new Error(text);
  for (let state = 'copying'; state !== 'done'; await sleep(20)) {
    if (state !== 'copying') throw new Error(text);
    state = (await server.call('GET', headers.get('location') ?? '', { key })).json.data.state;
  }
}

async function versionOf(project: TestProject, key: string): Promise<number> {
  const { headers, text } = await project.put(key, 'x');
  const version = parseVersion((headers.etag ?? '').replaceAll('"', ''));
  if (version === undefined) throw new Error(`no version: ${text}`);
  return version;
}
