import { spawnSync } from 'node:child_process';
import { chmod, chown, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Ledger } from '../harness/ledger.js';
import { PROGRAM, ServerProcess } from '../harness/server/server-process.js';
import { type ProjectSpec, ServerFolder } from '../harness/server-folder.js';
import { readAll, runWriters, type TrackedProject } from '../harness/workload.js';

/** The user `nobody`, as root needs no permission. */
export const USER = 65_534;
/** The command that runs a server as that user, see `LaunchOptions`. */
export const AS_USER = ['setpriv', `--reuid=${USER}`, `--regid=${USER}`, '--clear-groups'];

/** Whether a server can run as that user; prints why not. */
export function canBeUser(): boolean {
  const { status, stderr, error } = spawnSync('setpriv', [...AS_USER.slice(1), 'test', '-r', PROGRAM], {
    encoding: 'utf8',
  });
  if (status === 0) return true;
  const why = error?.message ?? (stderr.trim() || `another user cannot read ${PROGRAM}`);
  console.log(`        SKIPPED: no server can be started as another user (${why})`);
  return false;
}

/**
 * Takes permission from a server under load and gives it back; resolves with what is wrong, and how many writes were
 * refused.
 */
export async function loseAndRegainPermission(
  subjects: readonly ProjectSpec[],
): Promise<{ wrong: string[]; refused: number }> {
  const folder = await folderOfUser(subjects);
  const all: TrackedProject[] = subjects.map(({ id }) => ({ id, ledger: new Ledger(), wrong: [] }));
  const server = await ServerProcess.start(folder, { under: AS_USER });
  await server.ready();
  const until = performance.now() + 1_500;
  const writing = Promise.all(all.map((tested) => runWriters(server, tested, 3, () => performance.now() > until)));
  await sleep(300);
  await changeOwner(folder.data, 0);
  await writing;
  await changeOwner(folder.data, USER);
  const refused = all.reduce((sum, { ledger }) => sum + ledger.unacknowledged, 0);
  const look = async (it: ServerProcess) => {
    await it.ready();
    for (const tested of all) tested.wrong.push(...tested.ledger.settle(await readAll(it, tested)));
  };
  await look(server);
  await server.kill();
  const again = await ServerProcess.start(folder, { under: AS_USER });
  await look(again);
  await again.kill('SIGTERM');
  await folder.remove();
  return { wrong: all.flatMap(({ id, wrong }) => wrong.map((what) => `${id}: ${what}`)), refused };
}

/** A server folder of that user. */
export async function folderOfUser(subjects: readonly ProjectSpec[]): Promise<ServerFolder> {
  const folder = await ServerFolder.make(subjects);
  await changeOwner(folder.path, USER);
  return folder;
}

/** Changes the owner of a folder and its content, or only of the content whose names begin with one of these. */
export async function changeOwner(folder: string, user: number, ...names: readonly string[]): Promise<void> {
  const paths = await readdir(folder, { recursive: true });
  if (names.length === 0) paths.unshift('');
  for (const path of paths) {
    if (names.length > 0 && !names.some((name) => path.startsWith(name))) continue;
    const whole = join(folder, path);
    const isFolder = (await lstat(whole).catch(() => undefined))?.isDirectory();
    if (isFolder === undefined) continue;
    await chown(whole, user, user);
    await chmod(whole, isFolder ? 0o700 : 0o600);
  }
}
