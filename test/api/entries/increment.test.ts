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
    expect(text).to.contain(`"value_text":"${large + by}"`);
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

  it('takes an expiry that counts only if it creates the entry, and returns the one that holds', async () => {
    const project = await on.project();
    on.clock.at = 1_800_000_000_000;
    const route = async (body: string) => (await add(project, 'n', body)).json.data;
    const transaction = async (more: object) =>
      (await project.run({ operations: [{ increment: { key: 'm', ...more } }] })).json.data.results[0];
    try {
      for (const count of [route, (body: string) => transaction(JSON.parse(body))]) {
        expect(await count('{"ttl":60.5}')).to.include({ value: 1, expires_at: 1_800_000_060.5 });
        on.clock.at = 1_800_000_030_000;
        expect(await count('{"ttl":60.5}')).to.include({ value: 2, expires_at: 1_800_000_060.5 });
        on.clock.at = 1_800_000_060_500;
        expect(await count('{"by":5,"expires_at":1800000070}')).to.include({ value: 5, expires_at: 1_800_000_070 });
        on.clock.at = 1_800_000_070_000;
        expect(await count('{}'))
          .to.include({ value: 1 })
          .and.not.have.property('expires_at');
        expect(await count('{"ttl":5}'))
          .to.include({ value: 2 })
          .and.not.have.property('expires_at');
        on.clock.at = 1_800_000_000_000;
      }
    } finally {
      on.clock.at = undefined;
    }
  });

  it('returns its digits as a string, which no client rounds', async () => {
    const project = await on.project();
    for (const digits of ['9007199254740993', '-123456789012345678901234567890', '0']) {
      await project.send('DELETE', 'store');
      const { data } = (await add(project, 'n', `{"by":${digits}}`)).json;
      const { json } = await project.run(`{"operations":[{"increment":{"key":"m","by":${digits}}}]}`);
      expect([data.value_text, json.data.results[0].value_text]).to.deep.equal([digits, digits]);
    }
  });

  it('is refused with a malformed expiry, which is named, and changes nothing', async () => {
    const project = await on.project();
    for (const [name, value] of [
      ['ttl', '0'],
      ['ttl', '-1'],
      ['ttl', 'null'],
      ['ttl', '"1"'],
      ['ttl', '1e15'],
      ['expires_at', '0'],
      ['expires_at', 'true'],
      ['expires_at', '1800000000000'],
    ]) {
      const { status, json } = await add(project, 'n', `{"${name}":${value}}`);
      expect([status, json.error.path], `${name} ${value}`).to.deep.equal([400, name]);
      const { json: run } = await project.run(`{"operations":[{"increment":{"key":"n","${name}":${value}}}]}`);
      expect(run.error.path, `${name} ${value}`).to.equal(`operations[0].increment.${name}`);
    }
    const { status, json } = await add(project, 'n', '{"ttl":1,"expires_at":4000000000}');
    expect([status, json.error.path]).to.deep.equal([400, 'body']);
    expect((await project.get('n')).status).to.equal(404);
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
