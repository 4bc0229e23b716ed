import { expect } from 'chai';
import { onEveryEngine } from '../../harness/on-every-engine.js';

const JSON_TYPE = { 'content-type': 'application/json' };

onEveryEngine('Of concurrent writers', (on) => {
  it('exactly one of 50 creates a key', async () => {
    const project = await on.project();
    const writes = Array.from({ length: 50 }, (_, i) => project.put('k', `${i}`, { 'if-none-match': '*' }));
    const statuses = (await Promise.all(writes)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).to.have.length(1);
    expect(statuses.filter((status) => status === 412)).to.have.length(49);
    expect((await project.get('k')).text).to.equal(String(statuses.indexOf(201)));
  });

  it('1,000 that add 1 add exactly 1,000, and each gets its own sum', async () => {
    const project = await on.project();
    const adds = Array.from({ length: 1000 }, (_, i) =>
      i % 4 === 0
        ? project.run({ operations: [{ increment: { key: 'n' } }, { append: { key: 'log', text: '.' } }] })
        : project.send('POST', 'store/n/increment', { body: '{"by":1}', headers: JSON_TYPE }),
    );
    const sums = (await Promise.all(adds)).map(({ json }) => json.data.results?.[0].value ?? json.data.value);
    expect(new Set(sums).size).to.equal(1000);
    expect((await project.get('n')).text).to.equal('1000');
    expect((await project.get('log')).text).to.equal('.'.repeat(250));
  });

  it('16 that compare and set lose no update', async () => {
    const project = await on.project();
    await project.put('list', '[]', JSON_TYPE);
    const add = async (item: number) => {
      for (;;) {
        const { json, headers } = await project.get('list');
        const body = JSON.stringify([...json, item]);
        const { status } = await project.put('list', body, { ...JSON_TYPE, 'if-match': String(headers.etag) });
        if (status === 204) return;
        expect(status).to.equal(412);
      }
    };
    const client = async (_: unknown, i: number) => {
      for (let n = 0; n < 5; n++) await add(i * 100 + n);
    };
    await Promise.all(Array.from({ length: 16 }, client));
    const items: number[] = (await project.get('list')).json;
    expect(new Set(items).size).to.equal(80);
    expect(items).to.have.length(80);
  });
});
