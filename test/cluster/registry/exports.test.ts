import { expect } from 'chai';
import { remoteEngineNames } from '../../../src/infrastructure/storage/engines/registry.js';
import { contents } from '../../harness/export-content.js';
import { REMOTE_ENGINES, type RemoteServer } from '../remote-engines.js';
import { RegistryProcess } from './registry-process.js';

const ACCOUNTS = 60;
const WRITERS = 3;

/** Accounts are at both ends of the key space, with large values between them, so that an export has many pages. */
const account = (i: number) => `${String(i % 2 === 0 ? i : 900 - i).padStart(4, '0')}-account`;

const missing = await Promise.all(remoteEngineNames.map((name) => REMOTE_ENGINES[name].missing()));
const reason = missing.find((one) => one !== undefined);
const skipped = reason === undefined ? '' : `, skipped: ${reason}`;

describe(`An export and a snapshot of a project that several servers write${skipped}`, () => {
  const places = new Map<string, RemoteServer>();
  let servers: RegistryProcess[] = [];
  let system = '';
  before(async function () {
    if (reason !== undefined) this.skip();
    for (const name of remoteEngineNames) places.set(name, await REMOTE_ENGINES[name].start());
    const registry = { engine: 'etcd', options: (places.get('etcd') as RemoteServer).options };
    const first = await RegistryProcess.start(registry);
    servers = [first, await RegistryProcess.start(registry)];
    system = first.portkv.printed('SYSTEM_KEY');
  });
  after(async () => {
    await Promise.all(servers.map((server) => server.remove()));
    for (const place of places.values()) await place.remove();
  });

  for (const engine of remoteEngineNames) {
    it(`are as of one moment on ${engine}: a bank keeps its sum, pairs are equal, no key comes twice`, async () => {
      const [a, b] = servers as [RegistryProcess, RegistryProcess];
      const storage = { engine, options: places.get(engine)?.options };
      const made = await a.call('POST', '', system, { id: engine, storage });
      expect(made.status, made.text).to.equal(201);
      const key = made.data.new_api_key as string;
      await fill(a, engine, key);
      let ended = false;
      const writers = [a, b].flatMap((server, side) =>
        Array.from({ length: WRITERS }, (_, i) => write(server, engine, key, side * WRITERS + i, () => ended)),
      );
      try {
        for (let round = 0; round < 4; round++) {
          const from = round % 2 === 0 ? a : b;
          requireOneMoment((await from.call('GET', `${engine}/export`, key)).text);
        }
        const taken = await b.call('POST', `${engine}/snapshots`, system);
        expect(taken.status, taken.text).to.equal(201);
        const copy = await a.call('POST', '', system, { id: `${engine}-copy`, storage });
        const path = `${engine}/snapshots/${taken.data.id}/restore`;
        const restored = await b.call('POST', path, system, { into: `${engine}-copy` });
        expect(restored.status, restored.text).to.equal(200);
        requireOneMoment((await a.call('GET', `${engine}-copy/export`, copy.data.new_api_key)).text);
      } finally {
        ended = true;
        const counts = await Promise.all(writers);
        console.log(`      ${counts.reduce((sum, it) => sum + it)} transactions meanwhile`);
      }
    }).timeout(120_000);
  }
});

async function fill(server: RegistryProcess, project: string, key: string): Promise<void> {
  const operations = Array.from({ length: ACCOUNTS }, (_, i) => ({ put: { key: account(i), json: 100 } }));
  const done = await server.call('POST', `${project}/transactions`, key, { operations });
  expect(done.status, done.text).to.equal(200);
  for (let i = 0; i < 30; i++) {
    const put = await server.call('PUT', `${project}/values/0500-large-${i}`, key, 'x'.repeat(100_000));
    expect(put.status, put.text).to.equal(201);
  }
}

/** Moves money, puts pairs, and puts and deletes keys. Returns how many transactions that were. */
async function write(
  server: RegistryProcess,
  project: string,
  key: string,
  writer: number,
  ended: () => boolean,
): Promise<number> {
  let round = 0;
  const run = async (operations: object[]) => {
    const done = await server.call('POST', `${project}/transactions`, key, { operations });
    expect(done.status, done.text).to.equal(200);
  };
  for (; !ended(); round++) {
    const [from, to] = [(writer * 31 + round * 7) % ACCOUNTS, (writer * 17 + round * 13 + 1) % ACCOUNTS];
    if (from === to) continue;
    await run([{ increment: { key: account(from), by: -1 } }, { increment: { key: account(to), by: 1 } }]);
    await run(['0000', '9999'].map((side) => ({ put: { key: `${side}-pair-${writer}`, json: round } })));
    const passing = `${String((round * 37) % 999).padStart(4, '0')}-passing-${writer}`;
    await server.call('PUT', `${project}/values/${passing}`, key, 'x');
    await server.call('DELETE', `${project}/values/${passing}`, key);
  }
  return round * 2;
}

function requireOneMoment(text: string): void {
  const entries = contents({ status: 200, bytes: Buffer.from(text) });
  const keys = entries.map(({ key }) => key as string);
  expect(new Set(keys).size).to.equal(keys.length);
  const accounts = entries.filter(({ key }) => (key as string).endsWith('-account'));
  expect(accounts).to.have.length(ACCOUNTS);
  expect(accounts.reduce((sum, { json }) => sum + (json as number), 0)).to.equal(ACCOUNTS * 100);
  const value = (name: string) => entries.find(({ key }) => key === name)?.json;
  for (let i = 0; i < 2 * WRITERS; i++) expect(value(`0000-pair-${i}`)).to.equal(value(`9999-pair-${i}`));
}
