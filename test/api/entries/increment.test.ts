import { expect } from 'chai';
import { onEveryEngine } from '../../harness/on-every-engine.js';
import type { TestProject } from '../../harness/test-project.js';

const JSON_TYPE = { 'content-type': 'application/json' };

function add(project: TestProject, key: string, body: string) {
  return project.send('POST', `store/${key}/increment`, { body, headers: JSON_TYPE });
}

onEveryEngine('An increment', (on) => {
  it('is exact for integers of thousands of digits', async () => {
    const project = await on.project();
    const large = BigInt('9'.repeat(5000));
    const by = -BigInt('7'.repeat(4000));
    expect((await add(project, 'n', `{"by":${large}}`)).text).to.contain(`"value":${large}`);
    const { text, headers } = await add(project, 'n', `{"by":${by}}`);
    expect(text).to.contain(`"value":${large + by},"version":"${String(headers.etag).slice(1, -1)}"`);
    expect((await project.get('n')).text).to.equal(String(large + by));
    await project.run(`{"operations":[{"increment":{"key":"n","by":${-large}}}]}`);
    expect((await project.get('n')).text).to.equal(String(by));
    await project.put('n', '9007199254740993');
    expect((await add(project, 'n', '{}')).text).to.contain('"value":9007199254740994');
  });

  it('starts at 0, adds 1 by default, keeps the type, and accepts white space around the integer', async () => {
    const project = await on.project();
    const first = await project.send('POST', 'store/n/increment');
    expect([first.status, first.json.data.value, first.json.data.content_type]).to.deep.equal([
      200,
      1,
      'application/json',
    ]);
    await project.put('t', ' -41\n', { 'content-type': 'text/x-count' });
    const { data } = (await add(project, 't', '{"by":-1}')).json;
    expect([data.value, data.content_type]).to.deep.equal([-42, 'text/x-count']);
  });

  it('is refused if the value (422) or the increment (400) is no integer, and changes nothing', async () => {
    const project = await on.project();
    for (const value of [
      '1.0',
      '1e3',
      '"1"',
      'true',
      'null',
      '[1]',
      'one',
      '',
      '01',
      '+1',
      '0x1',
      '1 1',
      '\u00a01',
      '١',
    ]) {
      await project.put('k', value);
      const { status, json } = await add(project, 'k', '{"by":1}');
      expect([status, json.error.code], value).to.deep.equal([422, 'unprocessable']);
      const { error } = (await project.run({ operations: [{ get: { key: 'x' } }, { increment: { key: 'k' } }] })).json;
      expect([error.code, error.path]).to.deep.equal(['unprocessable', 'operations[1].increment']);
      expect((await project.get('k')).text).to.equal(value);
    }
    for (const by of ['1.0', '1e3', '"1"', 'null', 'true', '[]', '{}']) {
      const { status, json } = await add(project, 'n', `{"by":${by}}`);
      expect([status, json.error.path], by).to.deep.equal([400, 'by']);
    }
    for (const body of ['[]', '1', '{"by":1,"x":2}', '{"by":1', '{"by":01}']) {
      expect((await add(project, 'n', body)).status, body).to.equal(400);
    }
    expect((await project.get('n')).status).to.equal(404);
  });
});
