import { expect } from 'chai';
import { DataSet, DURABLE } from './data-set.js';
import { report } from './seed.js';
import { ServerProcess } from './server-process.js';

const BYTES = 100 * 1000 * 1000;
const AT_ONCE = 1_000;
const VALUE_BYTES = 5_000;
const READY = 2_000;
/** What an empty server takes to start on a machine that has nothing else to do, in ms. */
const EMPTY = 500;

describe('A restart after kill -9', function () {
  this.timeout(0);

  for (const subject of DURABLE) {
    it(`with 100 MB of data is ready within 2 s: ${subject.id}`, async () => {
      const { options: _, ...plain } = subject;
      const set = await DataSet.make([plain]);
      const empty = performance.now();
      const before = await ServerProcess.start(set);
      const slowness = Math.max(1, (performance.now() - empty) / EMPTY);
      for (let from = 0; from * VALUE_BYTES < BYTES; from += AT_ONCE) await fill(before, plain.id, from);
      await before.kill();
      const began = performance.now();
      const server = await ServerProcess.start(set);
      const listening = performance.now() - began;
      await server.ready(60_000);
      const ready = performance.now() - began;
      const { json } = await server.send('GET', `${plain.id}/store?count=only`);
      expect(json.data.count).to.equal(BYTES / VALUE_BYTES);
      report({
        listening: `${Math.round(listening)} ms`,
        ready: `${Math.round(ready)} ms`,
        slowness: slowness.toFixed(1),
      });
      await server.kill();
      await set.remove();
      expect(ready).to.be.below(READY * slowness);
    });
  }
});

async function fill(server: ServerProcess, project: string, from: number): Promise<void> {
  const operations = Array.from({ length: AT_ONCE }, (_, i) => {
    const key = `${String((from + i) * 7919).padStart(12, '0')}`;
    return { put: { key, text: key.padEnd(VALUE_BYTES, 'abc ') } };
  });
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ operations });
  const { status, text } = await server.send('POST', `${project}/transactions`, { body, headers });
  if (status !== 200) throw new Error(text);
}
