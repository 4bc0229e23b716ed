import { execFileSync } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { localEngineNames } from '../../../src/infrastructure/storage/engines/registry.js';
import { ENGINE_FIXTURES } from '../../contract/engine-fixtures.js';
import { contents } from '../../harness/export-content.js';
import { PortkvProcess } from '../../harness/portkv-process.js';
import { generateExport } from './generated-export.js';

/** Entries of about 100 bytes: few fit on the disk several times, many do not fit. */
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
        console.log('        skipped: only root may mount a small disk');
        this.skip();
      }
      server = new PortkvProcess(folder, ['--port', '0', '--data', disk]);
      address = await server.ready();
      const body = JSON.stringify({ id: 'p', storage: { engine } });
      const created = await call('POST', '/api/v1/projects', body, server.printed('SYSTEM_KEY'));
      key = ((await created.json()) as { data: { new_api_key: string } }).data.new_api_key;
      expect((await call('POST', `${PROJECT}/import?mode=replace`, generateExport('p', 'old', FEW))).status).to.equal(
        200,
      );
    });
    after(async () => {
      server?.kill('SIGKILL');
      await server?.end();
      if (server !== undefined) execFileSync('umount', ['-l', disk]);
      await rm(folder, { recursive: true, force: true });
    });

    for (const to of localEngineNames.filter((name) => name !== engine && ENGINE_FIXTURES[name].durable)) {
      it(`a migration to ${to} fails with the reason, keeps the source active and removes the copy`, async () => {
        const filler = join(disk, 'filler');
        const files = async () =>
          (await readdir(disk)).filter((name) => name.startsWith('p.') && !name.endsWith('.json'));
        for (let state = ''; state !== 'failed'; ) {
          const before = await files();
          const begun = await call('PUT', PROJECT, JSON.stringify({ storage: { engine: to } }));
          expect(begun.status).to.equal(202);
          // lmdb 3.5.6 may end the process when a write fails, so the server must not let it write what does not fit.
          const { bavail, bsize } = statfsSync(disk);
          const bytes = Math.max(0, bavail * bsize - (to === 'lmdb' ? 256 * 1024 : 0));
          execFileSync('sh', ['-c', `head -c ${bytes} /dev/zero > ${filler} || true`], { stdio: 'ignore' });
          const ended = await end(begun.headers.get('location') ?? '');
          await rm(filler);
          state = ended.state;
          if (state === 'failed') {
            expect(ended.error).to.match(/reserve|No space is left|ENOSPC/);
            expect(before, 'only files that were there before').to.include.members(await files());
          } else {
            // It ended before the disk was full.
            await end(
              (await call('PUT', PROJECT, JSON.stringify({ storage: { engine } }))).headers.get('location') ?? '',
            );
          }
        }
        await requireOld();
        expect(server.child.exitCode).to.equal(null);
      }).timeout(120_000);
    }

    it('an import gets 507 and replaces nothing, and a snapshot gets 507 and leaves nothing', async () => {
      const large = generateExport('p', 'new', MANY);
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
      const cleared = await call('DELETE', `${PROJECT}/store`);
      expect(cleared.status, await cleared.text()).to.equal(200);
    }).timeout(120_000);

    async function end(location: string): Promise<{ state: string; error?: string }> {
      for (;;) {
        const { data } = (await (await call('GET', location)).json()) as { data: { state: string; error?: string } };
        if (data.state !== 'copying') return data;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }

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
