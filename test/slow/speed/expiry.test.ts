import { expect } from 'chai';
import { onEveryEngine } from '../../harness/on-every-engine.js';
import type { TestProject } from '../../harness/test-project.js';
import { timeOf } from './statistics.js';

const ENTRIES = 20_000;
/** How many entries one transaction writes. */
const BATCH = 1_000;

onEveryEngine('The removal of 20,000 expired entries', (on) => {
  it('delays a request by less than it takes to write as many to memory', async () => {
    const project = await on.project();
    const batch = (to: TestProject, from: number) =>
      to.run({
        operations: Array.from({ length: BATCH }, (_, i) => ({ put: { key: `k${from + i}`, text: 'x', ttl: 60 } })),
      });
    const fill = async (to: TestProject) => {
      for (let from = 0; from < ENTRIES; from += 4 * BATCH) {
        const written = await Promise.all([0, 1, 2, 3].map((more) => batch(to, from + more * BATCH)));
        expect(written.map(({ status }) => status)).to.deep.equal(Array(4).fill(200));
      }
    };
    const memory = await on.project({ storage: { engine: 'memory' } });
    const writing = await timeOf(() => fill(memory));
    await memory.send('DELETE', 'store');
    await fill(project);
    await project.put('stays', 'x');
    on.clock.shift += 120_000;
    let longest = 0;
    for (const end = performance.now() + 2_000; performance.now() < end; ) {
      longest = Math.max(longest, await timeOf(async () => expect((await project.get('stays')).text).to.equal('x')));
    }
    expect((await project.send('GET', 'store?count=only')).json.data.count).to.equal(1);
    console.log(`        ${(longest / writing).toFixed(3)}: ${longest.toFixed()} of ${writing.toFixed()} ms`);
    expect(longest / writing).to.be.below(1);
  }).retries(2);
});
