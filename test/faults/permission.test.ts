import { spawnSync } from 'node:child_process';
import { chmod, chown, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { DataSet, DURABLE } from './data-set.js';
import { Ledger } from './ledger.js';
import { report } from './seed.js';
import { PROGRAM, ServerProcess } from './server-process.js';
import { readAll, type Tested, write } from './workload.js';

/** Nobody. */
const USER = 65_534;
const AS_USER = ['setpriv', `--reuid=${USER}`, `--regid=${USER}`, '--clear-groups'];

describe('Permission to the data that is lost', function () {
  this.timeout(0);

  before(function () {
    const { status, stderr, error } = spawnSync('setpriv', [...AS_USER.slice(1), 'test', '-r', PROGRAM], {
      encoding: 'utf8',
    });
    if (status === 0) return;
    const why = error?.message ?? (stderr.trim() || `another user cannot read ${PROGRAM}`);
    console.log(`        SKIPPED: no server can be started as another user (${why})`);
    this.skip();
  });

  it('under load loses nothing, and all is served again without a restart once it is back', async () => {
    const set = await ofUser();
    const all: Tested[] = DURABLE.map(({ id }) => ({ id, ledger: new Ledger(), wrong: [] }));
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
      expect(all.flatMap(({ id, wrong }) => wrong.map((what) => `${id}: ${what}`))).to.deep.equal([]);
    };
    await look(server);
    expect(refused).to.be.greaterThan(0);
    await server.kill();
    const again = await ServerProcess.start(set, { under: AS_USER });
    await look(again);
    await again.kill('SIGTERM');
    report({ projects: all.length, refused, 'lost 0, restarts': 0 });
    await set.remove();
  });

  it('before a start closes the projects that lost it, which come back with it', async () => {
    const [hit, ...others] = DURABLE.map(({ id }) => id);
    const set = await ofUser();
    const made = await ServerProcess.start(set, { under: AS_USER });
    await made.ready();
    for (const { id } of DURABLE) await made.send('PUT', `${id}/values/a`, { body: '0:0:' });
    await made.kill('SIGTERM');
    for (const id of [hit, ...others]) await give(set.data, 0, `${id}.`, `${id}_`);
    const server = await ServerProcess.start(set, { under: AS_USER });
    for (const { id } of DURABLE) {
      const { status, text } = await server.send('GET', `${id}/values/a`);
      expect(status, `${id}: ${text}`).to.equal(503);
    }
    await give(set.data, USER);
    await server.ready();
    for (const { id } of DURABLE) expect((await server.send('GET', `${id}/values/a`)).text, id).to.equal('0:0:');
    await server.kill('SIGTERM');
    await set.remove();
  });
});

/** A folder of that user. */
async function ofUser(): Promise<DataSet> {
  const set = await DataSet.make(DURABLE);
  await give(set.folder, USER);
  return set;
}

/** Changes who owns a folder and what is in it, or only what is in it and has a name that begins with one of these. */
async function give(folder: string, user: number, ...names: readonly string[]): Promise<void> {
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
