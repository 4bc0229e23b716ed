import { expect } from 'chai';
import { forEach, ManyProjects, processorTime, untilReady } from '../../harness/many-projects.js';

const HANDLES = 256;
const FEW = 500;
const MANY = 2_000;

describe('A start with thousands of projects', function () {
  this.timeout(600_000);
  this.retries(1);

  for (const engine of ['json-file', 'lmdb', 'directory']) {
    it(`costs as much for each as with a quarter of them, and answers meanwhile: ${engine}`, async () => {
      const none = await costOfStart(0, engine);
      const few = await costOfStart(FEW, engine);
      const many = await costOfStart(MANY, engine);
      const [empty, full] = [none, many].map(({ seconds }) => seconds.toFixed(1));
      const figures = `${full} s of processor time, ${empty} s without, /livez within ${many.longest.toFixed(0)} ms`;
      console.log(`      ${MANY} projects of ${engine}: ${figures}`);
      const ratio = (many.seconds - none.seconds) / (few.seconds - none.seconds);
      expect(ratio).to.be.below((1.6 * MANY) / FEW);
      expect(many.longest).to.be.below(200);
      if (engine !== 'directory') expect(many.seconds - none.seconds).to.be.below(7 * none.seconds);
    });
  }
});

/** The second start of a server whose projects have an entry each. */
async function costOfStart(count: number, engine: string): Promise<{ seconds: number; longest: number }> {
  const many = await ManyProjects.make(count, engine);
  try {
    const first = await many.start(HANDLES);
    await untilReady(first);
    await forEach(many.ids, async (id) => {
      const url = `${first.address}/api/v1/projects/${id}/values/a`;
      expect((await fetch(url, { method: 'PUT', body: 'b' })).status).to.equal(201);
    });
    await first.stop();
    const server = await many.start(HANDLES);
    const longest = await untilReady(server);
    const seconds = processorTime(server.pid);
    await server.stop();
    return { seconds, longest };
  } finally {
    await many.remove();
  }
}
