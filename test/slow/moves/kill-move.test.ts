import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { contents } from '../../harness/export-content.js';
import { PortkvProcess } from '../../harness/portkv-process.js';
import { generateExport } from './generated-export.js';

const ROUNDS = Number(process.env.KILL_ROUNDS ?? 3);
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const PROJECT = '/api/v1/projects/p';

for (const engine of ['json-file', 'lmdb', 'directory']) {
  describe(`Content that is replaced while the server is killed, on engine ${engine}`, () => {
    let folder: string;
    let server: PortkvProcess;
    let address: string;
    let system = '';
    let key = '';

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'portkv-'));
      await start();
      system = server.printed('SYSTEM_KEY');
      const created = await call('POST', '/api/v1/projects', system, JSON.stringify({ id: 'p', storage: { engine } }));
      key = (await dataOf(created)).new_api_key ?? '';
    });
    after(async () => {
      server.kill('SIGKILL');
      await server.end();
      await rm(folder, { recursive: true, force: true });
    });

    it('is all old or all new, never in part', async () => {
      const random = randomFrom(SEED);
      const [old, new_] = [generateExport('p', 'old', 400), generateExport('p', 'new', 400)];
      expect((await call('POST', `${PROJECT}/import?mode=replace`, key, old)).status).to.equal(200);
      const { id } = await dataOf(await call('POST', `${PROJECT}/snapshots`, system));
      const changes: readonly (readonly [string, () => Promise<Response>, string, string])[] = [
        ['import', () => call('POST', `${PROJECT}/import?mode=replace`, key, new_), 'old', 'new'],
        ['restore', () => call('POST', `${PROJECT}/snapshots/${id}/restore`, system), 'new', 'old'],
        ['clear', () => call('DELETE', `${PROJECT}/store`, key), 'old', ''],
      ];
      const ends = { before: 0, after: 0 };
      for (let round = 0; round < ROUNDS; round++) {
        for (const [what, change, before, after] of changes) {
          const given = before === 'old' ? old : new_;
          expect((await call('POST', `${PROJECT}/import?mode=replace`, key, given)).status).to.equal(200);
          const acknowledged = change().then(
            ({ status }) => status === 200,
            () => false,
          );
          await new Promise((resolve) => setTimeout(resolve, random() * 80));
          server.kill('SIGKILL');
          await server.end();
          await start();
          const is = await state();
          const where = `${what}, round ${round}, SEED=${SEED}`;
          expect(is, where).to.be.oneOf([before, after]);
          if (await acknowledged) expect(is, where).to.equal(after);
          ends[is === before ? 'before' : 'after'] += 1;
        }
      }
      console.log(`        ${ends.before} found as before, ${ends.after} as after`);
    }).timeout(ROUNDS * 30_000);

    async function start(): Promise<void> {
      server = new PortkvProcess(folder);
      address = await server.ready();
    }

    function call(method: string, path: string, secret: string, body?: string): Promise<Response> {
      const headers = { 'x-api-key': secret, 'content-type': 'application/json' };
      return fetch(address + path, { method, headers, ...(body === undefined ? {} : { body }) });
    }

    /** The word in every value, if it is the same in all and their number is right. */
    async function state(): Promise<string> {
      const response = await call('GET', `${PROJECT}/export`, key);
      const entries = contents({ status: response.status, bytes: Buffer.from(await response.arrayBuffer()) });
      const values = new Set(entries.map(({ text }) => (text as string).split(' ')[0]));
      if (entries.length === 0) return '';
      return entries.length === 400 && values.size === 1
        ? [...values].join()
        : `half: ${entries.length}, ${[...values]}`;
    }
  });
}

async function dataOf(response: Response): Promise<Readonly<Record<string, string>>> {
  return ((await response.json()) as { data: Record<string, string> }).data;
}

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}
