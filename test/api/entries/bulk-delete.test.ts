import { expect } from 'chai';
import { onEveryEngine } from '../../harness/on-every-engine.js';
import type { TestProject } from '../../harness/test-project.js';

onEveryEngine('A bulk delete', (on) => {
  it('removes exactly the keys with the prefix, and nothing in a dry run', async () => {
    const project = await on.project();
    const keys = ['a', 'a/', 'a/1', 'a/2', 'a0', 'b', ...Array.from({ length: 1200 }, (_, i) => `many/${i}`)];
    await fill(project, keys);
    const count = async (query: string) => (await project.send('DELETE', `store?${query}`)).json.data.count;
    expect(await count('prefix=a/&dry_run=true')).to.equal(3);
    expect(await count('prefix=a/')).to.equal(3);
    expect(await count('prefix=a/')).to.equal(0);
    expect(await count('prefix=many/&dry_run=true')).to.equal(1200);
    expect(await count('prefix=many/')).to.equal(1200);
    expect((await list(project, 'keys_only=true')).json.data.keys).to.deep.equal(['a', 'a0', 'b']);
    for (const query of ['prefix=', 'prefix', 'prefix=a&limit=1', 'dry_run=perhaps', 'prefix=a&prefix=b']) {
      expect((await project.send('DELETE', `store?${query}`)).status, query).to.equal(400);
    }
    expect(await count('dry_run=true')).to.equal(3);
    expect((await project.send('DELETE', 'store')).json.data).to.equal(null);
    expect((await list(project, 'count=only')).json.data.count).to.equal(0);
  });
});

async function fill(project: TestProject, keys: readonly string[]): Promise<void> {
  for (let i = 0; i < keys.length; i += 1000) {
    const operations = keys.slice(i, i + 1000).map((key) => ({ put: { key, text: `value of ${key}` } }));
    expect((await project.run({ operations })).status).to.equal(200);
  }
}

function list(project: TestProject, query: string) {
  return project.send('GET', `store?${query}`);
}
