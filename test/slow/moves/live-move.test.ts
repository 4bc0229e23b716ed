import { expect } from 'chai';
import { localEngineNames } from '../../../src/infrastructure/storage/engines/registry.js';
import { TestServer } from '../../harness/test-server.js';
import { differences, runWorkload } from './move-workload.js';

/** How long each pair is migrated back and forth under runWorkload, in seconds. */
const SECONDS = Number(process.env.MOVE_SECONDS ?? 5);

describe('A change of engine under full runWorkload', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  for (const from of localEngineNames) {
    for (const to of localEngineNames.filter((name) => name !== from)) {
      it(`fails no request and loses nothing: ${from} to ${to} and back`, async () => {
        const project = `${from}_${to}`;
        const key = await server.project(project, { storage: { engine: from } });
        await fill(server, project, key);
        const end = performance.now() + SECONDS * 1000;
        const loading = runWorkload(server, project, key, () => performance.now() > end);
        const pauses: number[] = [];
        const times: number[] = [];
        for (let next = to; performance.now() < end; next = next === to ? from : to) {
          const begun = performance.now();
          pauses.push(await move(server, project, next));
          times.push(performance.now() - begun);
        }
        const result = await loading;
        expect(result.failures.slice(0, 5)).to.deep.equal([]);
        expect(await differences(server, project, key, result)).to.deep.equal([]);
        console.log(
          `        ${pauses.length} moves, ${result.requests} requests, longest pause ${Math.max(...pauses)} ms`,
        );
        // Writers wait for two syncs, not for the copy, however busy the machine is.
        expect(median(pauses), `the usual pause in ms; a move takes ${median(times)}`).to.be.below(median(times) / 2);
      }).timeout(SECONDS * 1000 + 60_000);
    }
  }
});

async function fill(server: TestServer, project: string, key: string): Promise<void> {
  for (let page = 0; page < 4; page++) {
    const operations = Array.from({ length: 500 }, (_, i) => ({ put: { key: `filled-${page}-${i}`, text: `${i}` } }));
    const { status } = await server.call('POST', `${project}/transactions`, {
      key,
      body: JSON.stringify({ operations }),
    });
    expect(status).to.equal(200);
  }
}

/** Migrates a project, and resolves at the end with the pause in ms. */
async function move(server: TestServer, project: string, engine: string): Promise<number> {
  const body = JSON.stringify({ storage: { engine } });
  const begun = await server.call('PUT', project, { key: server.systemKey, body });
  expect(begun.status, begun.text).to.equal(202);
  for (;;) {
    const { json } = await server.call('GET', begun.headers.get('location') ?? '', { key: server.systemKey });
    if (json.data.state === 'done') return json.data.pause_ms;
    expect(json.data.state, JSON.stringify(json.data)).to.equal('copying');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
