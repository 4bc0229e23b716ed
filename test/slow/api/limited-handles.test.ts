import { expect } from 'chai';
import { forEach, ManyProjects, untilReady } from '../../harness/many-projects.js';

/** A quarter of what the projects of a test need if all of them are open. */
const HANDLES = 128;
const PROJECTS = 200;

describe('More projects than there may be open files', () => {
  for (const engine of ['json-file', 'lmdb', 'directory']) {
    it(`are all written and read, also after a restart: ${engine}`, async function () {
      this.timeout(120_000);
      const many = await ManyProjects.make(PROJECTS, engine);
      try {
        for (const round of ['first', 'second']) {
          const server = await many.start(HANDLES);
          await untilReady(server);
          const value = (id: string) => `${server.address}/api/v1/projects/${id}/values`;
          const failed: string[] = [];
          await forEach(many.ids, async (id) => {
            const put = await fetch(`${value(id)}/${round}`, { method: 'PUT', body: id });
            if (!put.ok) failed.push(await put.text());
          });
          await forEach(many.ids, async (id) => {
            for (const key of round === 'first' ? ['first'] : ['first', 'second']) {
              const text = await (await fetch(`${value(id)}/${key}`)).text();
              if (text !== id) failed.push(`${id}/${key}: ${text}`);
            }
          });
          expect(failed).to.deep.equal([]);
          expect(await server.stop()).to.equal(0);
        }
      } finally {
        await many.remove();
      }
    });
  }
});
