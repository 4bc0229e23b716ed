import { expect } from 'chai';
import { onEveryEngine } from '../../harness/on-every-engine.js';
import type { TestProject } from '../../harness/test-project.js';

const MERGE = { 'content-type': 'application/merge-patch+json' };
const JSON_TYPE = { 'content-type': 'application/json' };

function merge(project: TestProject, key: string, body: string, headers: Record<string, string> = MERGE) {
  return project.send('PATCH', `store/${key}`, { body, headers });
}

onEveryEngine('A merge patch', (on) => {
  it('keeps the rest of the value as it was written, digit for digit', async () => {
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
      '{"big": 106242075399214372653, "f" : 1.0,"e":1E2, "s":"\\u00e9/\\/","o":{"x":1.50,"z":10.00},' +
      '"new":123456789012345678901234567890}';
    expect((await project.get('k')).text).to.equal(merged);
    expect(text).to.contain(`"value":${merged}`).and.to.contain('application/vnd.x+json');
  });

  it('counts the last of members that share a name', async () => {
    const project = await on.project();
    await project.put('doc', '{}', JSON_TYPE);
    await merge(project, 'doc', '{"a":{"b":1},"a":{"c":1}}');
    expect((await project.get('doc')).text).to.equal('{"a":{"c":1}}');
  });

  it('works as in the examples of RFC 7396', async () => {
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

  it('is refused with 415 in another type, 422 if the value is no JSON, and 404 if there is none', async () => {
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
