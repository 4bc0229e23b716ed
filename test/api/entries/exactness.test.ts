import { expect } from 'chai';
import { onEveryEngine } from '../../harness/on-every-engine.js';
import type { TestProject } from '../../harness/test-project.js';

const MERGE = { 'content-type': 'application/merge-patch+json' };
const JSON_TYPE = { 'content-type': 'application/json' };

function add(project: TestProject, key: string, body: string) {
  return project.send('POST', `store/${key}/increment`, { body, headers: JSON_TYPE });
}

function merge(project: TestProject, key: string, body: string, headers: Record<string, string> = MERGE) {
  return project.send('PATCH', `store/${key}`, { body, headers });
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

  it('starts from 0, goes on by 1, keeps type and expiry, and takes an integer with space around it', async () => {
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

  it('is refused with 422 on what is no integer, with 400 where it is none, and nothing is changed', async () => {
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

onEveryEngine('A merge patch', (on) => {
  it('leaves what it does not touch as it was written, digit for digit', async () => {
    const project = await on.project();
    const stored =
      '{ "big": 106242075399214372653, "f" : 1.0,"e":1E2, "s":"\\u00e9/\\/", "o":{"x":1.50,"y":[1.0, 2]}, "gone":1 }';
    await project.put('k', stored, { 'content-type': 'application/vnd.x+json' });
    const { status, text } = await merge(
      project,
      'k',
      '{"gone":null,"o":{"y":null,"z":10.00},"new":123456789012345678901234567890}',
    );
    expect(status).to.equal(200);
    const merged =
      '{"big": 106242075399214372653, "f" : 1.0,"e":1E2, "s":"\\u00e9/\\/","o":{"x":1.50,"z":10.00},"new":123456789012345678901234567890}';
    expect((await project.get('k')).text).to.equal(merged);
    expect(text).to.contain(`"value":${merged}`).and.to.contain('application/vnd.x+json');
  });

  it('does what the examples of RFC 7396 show', async () => {
    const project = await on.project();
    const examples: [string, string, string][] = [
      ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
      ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
      ['{"a":"b"}', '{"a":null}', '{}'],
      ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
      ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
      ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
      ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
      ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
      ['["a","b"]', '["c","d"]', '["c","d"]'],
      ['{"a":"b"}', '["c"]', '["c"]'],
      ['{"a":"foo"}', 'null', 'null'],
      ['{"a":"foo"}', '"bar"', '"bar"'],
      ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
      ['[1,2]', '{"a":"b","c":null}', '{"a":"b"}'],
      ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
      ['{"__proto__":1,"a":2}', '{"__proto__":{"x":3},"constructor":4}', '{"__proto__":{"x":3},"a":2,"constructor":4}'],
      ['{"\\u0061":1}', '{"a":2}', '{"\\u0061":2}'],
    ];
    for (const [before, patch, after] of examples) {
      await project.put('k', before, JSON_TYPE);
      for (const path of ['store/k', 'values/k', 'values?key=k']) {
        await project.put('k', before, JSON_TYPE);
        const { status } = await project.send('PATCH', path, { body: patch, headers: MERGE });
        expect(status).to.equal(path === 'store/k' ? 200 : 204);
        expect((await project.get('k')).text, `${before} with ${patch}`).to.equal(after);
      }
      await project.put('k', before, JSON_TYPE);
      expect((await project.run(`{"operations":[{"merge":{"key":"k","json":${patch}}}]}`)).status).to.equal(200);
      expect((await project.get('k')).text).to.equal(after);
    }
  });

  it('is refused in another type with 415 and Accept-Patch, with 422 on what is no JSON, with 404 on nothing', async () => {
    const project = await on.project();
    for (const value of ['text', '{"a":1', '', Uint8Array.of(0xff, 0xfe), `${'['.repeat(65)}${']'.repeat(65)}`]) {
      await project.put('k', value, JSON_TYPE);
      expect((await merge(project, 'k', '{}')).status).to.equal(422);
      expect((await project.run({ operations: [{ merge: { key: 'k', json: {} } }] })).status).to.equal(422);
      expect((await project.get('k')).bytes).to.deep.equal(Buffer.from(value));
    }
    await project.put('k', '{}', JSON_TYPE);
    for (const type of ['application/json', 'application/json-patch+json', 'text/plain', undefined]) {
      const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
      for (const path of ['store/k', 'values/k']) {
        const answer = await project.send('PATCH', path, { body: '{"a":1}', headers });
        expect([answer.status, answer.headers['accept-patch']], type).to.deep.equal([415, MERGE['content-type']]);
      }
    }
    for (const body of ['', '{"a":1', 'text', '{"a":01}', `${'['.repeat(65)}${']'.repeat(65)}`]) {
      expect((await merge(project, 'k', body)).status, body).to.equal(400);
    }
    expect((await merge(project, 'missing', '{}')).status).to.equal(404);
    expect(
      (await merge(project, 'k', '{"a":1}', { 'content-type': 'Application/Merge-Patch+JSON; charset=utf-8' })).status,
    ).to.equal(200);
  });
});

onEveryEngine('An append', (on) => {
  it('adds the bytes as they are, creating the entry where it is missing', async () => {
    const project = await on.project();
    const parts = [Uint8Array.of(0xc3), Uint8Array.of(0xa9), Buffer.from('\0"\n')];
    for (const body of parts) {
      const { status, json } = await project.send('POST', 'store/k/append', {
        body,
        headers: { 'content-type': 'text/x-log' },
      });
      expect([status, typeof json.data.version]).to.deep.equal([200, 'string']);
    }
    await project.run({ operations: [{ append: { key: 'k', base64: '/w==' } }, { append: { key: 'n', text: 'é' } }] });
    const { bytes, headers } = await project.get('k');
    expect(bytes).to.deep.equal(Buffer.from([0xc3, 0xa9, 0, 0x22, 0x0a, 0xff]));
    expect(headers['content-type']).to.equal('text/x-log');
    expect((await project.get('n')).text).to.equal('é');
  });
});

onEveryEngine('A value', (on) => {
  it('comes back byte for byte with its type, and is shown as what it is', async () => {
    const project = await on.project();
    const values: [string | Uint8Array, string, string][] = [
      ['106242075399214372653', 'application/json', '"value":106242075399214372653,'],
      ['1.0', 'text/plain', '"value":1.0,'],
      [' { "b":1, "a" : 2.50 }\n', 'application/json', '"value": { "b":1, "a" : 2.50 }\n,'],
      ['{"a":1', 'application/json', '"value":"{\\"a\\":1",'],
      ['test', 'application/x-www-form-urlencoded', '"value":"test",'],
      [Uint8Array.of(0, 0xff), 'image/x-y', '"value":"AP8=",'],
      ['\ufefftext', 'text/plain; charset=utf-8', '"value":"\ufefftext",'],
    ];
    for (const [value, type, shown] of values) {
      for (const path of ['store/k', 'values/k']) {
        await project.send('PUT', path, { body: value, headers: { 'content-type': type } });
        for (const read of ['store/k/value', 'values/k']) {
          const { bytes, headers } = await project.send('GET', read);
          expect([bytes.toString('hex'), headers['content-type']]).to.deep.equal([
            Buffer.from(value).toString('hex'),
            type,
          ]);
        }
        const item = await project.send('GET', 'store/k');
        expect(item.text).to.contain(shown);
        expect(item.json.data.content_type).to.equal(type);
        expect(item.json.data.encoding).to.equal(type === 'image/x-y' ? 'base64' : undefined);
        expect(item.headers.etag).to.equal(`"${item.json.data.version}"`);
      }
    }
    await project.put('empty', '');
    expect([
      (await project.get('empty')).text,
      (await project.send('GET', 'store/empty')).json.data.value,
    ]).to.deep.equal(['', '']);
    const head = await project.send('HEAD', 'values/empty');
    expect([head.status, head.headers['content-length']]).to.deep.equal([200, '0']);
  });
});
