import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { PortkvProcess } from '../cli/portkv-process.js';
import { contents } from '../rest/export-content.js';
import { exportOf } from './export-of.js';

/** Entries of about 100 bytes: few fit on the disk several times, many not once. */
const FEW = 10_000;
const MANY = 150_000;
const PROJECT = '/api/v1/projects/p';

for (const engine of ['json-file', 'lmdb']) {
  describe(`On a disk that fills up, with engine ${engine}`, () => {
    let folder: string;
    let disk: string;
    let server: PortkvProcess;
    let address: string;
    let key = '';

    before(async function () {
      folder = await mkdtemp(join(tmpdir(), 'portkv-'));
      disk = join(folder, 'disk');
      await mkdir(disk);
      try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', disk], { stdio: 'ignore' });
      } catch {
        this.skip(); // Only root may mount a small disk.
      }
      server = new PortkvProcess(folder, ['--port', '0', '--data', disk]);
      address = await server.ready();
      const body = JSON.stringify({ id: 'p', storage: { engine } });
      const created = await call('POST', '/api/v1/projects', body, server.printed('SYSTEM_KEY'));
      key = ((await created.json()) as { data: { new_api_key: string } }).data.new_api_key;
      expect((await call('POST', `${PROJECT}/import?mode=replace`, exportOf('p', 'old', FEW))).status).to.equal(200);
    });
    after(async () => {
      server?.kill('SIGKILL');
      await server?.end();
      if (server !== undefined) execFileSync('umount', ['-l', disk]);
      await rm(folder, { recursive: true, force: true });
    });

    it('an import is 507 and replaces nothing, and a snapshot is 507 and leaves nothing', async () => {
      const large = exportOf('p', 'new', MANY);
      const replaced = await call('POST', `${PROJECT}/import?mode=replace`, large);
      expect(replaced.status, await replaced.text()).to.equal(507);
      await requireOld();
      const snapshots: number[] = [];
      for (let last = 201; last === 201; ) {
        last = (await call('POST', `${PROJECT}/snapshots`)).status;
        snapshots.push(last);
        expect(snapshots.length).to.be.below(1000);
      }
      expect(snapshots.at(-1)).to.equal(507);
      const kept = await readdir(join(disk, 'snapshots.portkv', 'p'));
      expect(kept.filter((name) => name.endsWith('.tmp'))).to.deep.equal([]);
      expect(kept.filter((name) => name.endsWith('.gz'))).to.have.length(snapshots.length - 1);
      await requireOld();
      expect((await call('DELETE', `${PROJECT}/store`)).status).to.equal(200);
    }).timeout(120_000);

    async function requireOld(): Promise<void> {
      const response = await call('GET', `${PROJECT}/export`);
      const entries = contents({ status: response.status, bytes: Buffer.from(await response.arrayBuffer()) });
      expect(entries).to.have.length(FEW);
      expect(entries.every(({ text }) => (text as string).startsWith('old'))).to.equal(true);
    }

    function call(method: string, path: string, body?: string, secret = key): Promise<Response> {
      const headers = { 'x-api-key': secret, 'content-type': 'application/json' };
      return fetch(address + path, { method, headers, ...(body === undefined ? {} : { body }) });
    }
  });
}
