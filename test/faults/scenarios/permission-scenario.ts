import { spawnSync } from 'node:child_process';
import { chmod, chown, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSet, type Subject } from '../harness/data-set.js';
import { Ledger } from '../harness/ledger.js';
import { PROGRAM, ServerProcess } from '../harness/server-process.js';
import { readAll, type Tested, write } from '../harness/workload.js';

/** Nobody: root needs no permission. */
export const USER = 65_534;
/** What runs a server as that user, as in `How`. */
export const AS_USER = ['setpriv', `--reuid=${USER}`, `--regid=${USER}`, '--clear-groups'];

/** Whether a server can run as that user; says why not. */
export function canBeUser(): boolean {
  const { status, stderr, error } = spawnSync('setpriv', [...AS_USER.slice(1), 'test', '-r', PROGRAM], {
    encoding: 'utf8',
  });
  if (status === 0) return true;
  const why = error?.message ?? (stderr.trim() || `another user cannot read ${PROGRAM}`);
  console.log(`        SKIPPED: no server can be started as another user (${why})`);
  return false;
}

/** Takes the data from a server under load and gives it back; what is wrong then, and after a kill, and how many writes were refused. */
export async function losePermission(subjects: readonly Subject[]): Promise<{ wrong: string[]; refused: number }> {
  const set = await ofUser(subjects);
  const all: Tested[] = subjects.map(({ id }) => ({ id, ledger: new Ledger(), wrong: [] }));
  const server = await ServerProcess.start(set, { under: AS_USER });
  await server.ready();
  const until = performance.now() + 1_500;
  const writing = Promise.all(all.map((tested) => write(server, tested, 3, () => performance.now() > until)));
  await sleep(300);
  await give(set.data, 0);
  await writing;
  await give(set.data, USER);
  const refused = all.reduce((sum, { ledger }) => sum + ledger.unacknowledged, 0);
  const look = async (it: ServerProcess) => {
    await it.ready();
    for (const tested of all) tested.wrong.push(...tested.ledger.settle(await readAll(it, tested)));
  };
  await look(server);
  await server.kill();
  const again = await ServerProcess.start(set, { under: AS_USER });
  await look(again);
  await again.kill('SIGTERM');
  await set.remove();
  return { wrong: all.flatMap(({ id, wrong }) => wrong.map((what) => `${id}: ${what}`)), refused };
}

/** A folder of that user. */
export async function ofUser(subjects: readonly Subject[]): Promise<DataSet> {
  const set = await DataSet.make(subjects);
  await give(set.folder, USER);
  return set;
}

/** Changes who owns a folder and what is in it, or only what is in it and has a name that begins with one of these. */
export async function give(folder: string, user: number, ...names: readonly string[]): Promise<void> {
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
