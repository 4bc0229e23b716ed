import { expect } from 'chai';
import { onEveryEngine } from '../../harness/on-every-engine.js';
import type { TestProject } from '../../harness/test-project.js';

const MERGE = { 'content-type': 'application/merge-patch+json' };
const JSON_TYPE = { 'content-type': 'application/json' };

/** Every way to write one key, for a key with the value 1. */
const WRITES: Readonly<
  Record<string, (project: TestProject, headers: Record<string, string>) => ReturnType<TestProject['send']>>
> = {
  'PUT store': (project, headers) => project.send('PUT', 'store/k', { body: '2', headers }),
  'PUT values': (project, headers) => project.send('PUT', 'values/k', { body: '2', headers }),
  'PUT values?key=': (project, headers) => project.send('PUT', 'values?key=k', { body: '2', headers }),
  'PATCH store': (project, headers) =>
    project.send('PATCH', 'store/k', { body: '2', headers: { ...MERGE, ...headers } }),
  'PATCH values': (project, headers) =>
    project.send('PATCH', 'values/k', { body: '2', headers: { ...MERGE, ...headers } }),
  'DELETE store': (project, headers) => project.send('DELETE', 'store/k', { headers }),
  'DELETE values': (project, headers) => project.send('DELETE', 'values/k', { headers }),
  increment: (project, headers) => project.send('POST', 'store/k/increment', { headers }),
  append: (project, headers) => project.send('POST', 'store/k/append', { body: '2', headers }),
  touch: (project, headers) =>
    project.send('POST', 'store/k/touch', { body: '{"ttl":9}', headers: { ...JSON_TYPE, ...headers } }),
};
const READS = ['store/k', 'store/k/value', 'values/k', 'values?key=k'];

onEveryEngine('A condition', (on) => {
  it('must hold for a write to happen', async () => {
    const project = await on.project();
    for (const [name, write] of Object.entries(WRITES)) {
      const tag = async () => String((await project.put('k', '1')).headers.etag);
      const fails = async (headers: Record<string, string>) => {
        const before = await project.get('k');
        const { status, json } = await write(project, headers);
        expect([status, json.error.code], `${name} ${JSON.stringify(headers)}`).to.deep.equal([
          412,
          'precondition_failed',
        ]);
        const after = await project.get('k');
        expect([after.text, after.headers.etag]).to.deep.equal([before.text, before.headers.etag]);
      };
      const passes = async (headers: Record<string, string>) => {
        const answer = await write(project, headers);
        expect(answer.status, `${name} ${JSON.stringify(headers)} ${answer.text}`).to.be.oneOf([200, 204]);
      };
      const old = await tag();
      const now = await tag();
      await fails({ 'if-match': old });
      await fails({ 'if-match': `"x", ${old} , "0"` });
      await fails({ 'if-match': `W/${old}` });
      await fails({ 'if-none-match': '*' });
      await fails({ 'if-none-match': now });
      await fails({ 'if-none-match': `W/${now}` });
      await fails({ 'if-none-match': `"a,b",W/"c", ${now}` });
      await fails({ 'if-match': now, 'if-none-match': '*' });
      await passes({ 'if-match': now });
      await passes({ 'if-match': `"x", ${await tag()}` });
      await tag();
      await passes({ 'if-match': '*' });
      await tag();
      await passes({ 'if-none-match': old });
      await passes({ 'if-match': await tag(), 'if-none-match': '"x"' });
    }
  });

  it('holds for a tag that a proxy changed when it compressed the response', async () => {
    const project = await on.project();
    const inside = (tag: string, suffix: string) => `${tag.slice(0, -1)}${suffix}"`;
    for (const suffix of ['', '-gzip', '--gzip', ';gzip', '-br', ';br', ':br', '-zstd', '-deflate', '-gzip-br']) {
      for (const weak of ['', 'W/']) {
        const old = String((await project.put('k', '1')).headers.etag);
        const now = String((await project.put('k', '2')).headers.etag);
        const [changed, outdated] = [now, old].map((tag) => weak + inside(tag, suffix)) as [string, string];
        expect((await project.get('k', { 'if-none-match': changed })).status, changed).to.equal(304);
        expect((await project.get('k', { 'if-match': changed })).status, changed).to.equal(200);
        expect((await project.put('k', '3', { 'if-match': outdated })).status, outdated).to.equal(412);
        expect((await project.put('k', '3', { 'if-none-match': changed })).status, changed).to.equal(412);
        expect((await project.put('k', '3', { 'if-match': `"x", ${changed}` })).status, changed).to.equal(204);
      }
    }
    const now = String((await project.put('k', '1')).headers.etag);
    for (const other of ['-x', '-', 'gzip', '-gzip-', ' -gzip']) {
      const sent = other.startsWith(' ') ? 'W/"-gzip"' : inside(now, other);
      expect((await project.put('k', '2', { 'if-match': sent })).status, sent).to.equal(412);
    }
  });

  it('fails on a missing key with 412 for a write that would create it, with 404 for one that needs it', async () => {
    const project = await on.project();
    for (const [name, write] of Object.entries(WRITES)) {
      for (const headers of [{ 'if-match': '*' }, { 'if-match': '"abc"' }]) {
        const { status } = await write(project, headers);
        expect(status, name).to.equal(name.startsWith('DELETE') ? 404 : 412);
      }
    }
    for (const path of READS)
      expect((await project.send('GET', path, { headers: { 'if-match': '*' } })).status).to.equal(404);
    expect((await WRITES['PUT values']?.(project, { 'if-none-match': '*' }))?.status).to.equal(201);
  });

  it('turns a read into 304 or 412 if it does not hold', async () => {
    const project = await on.project();
    const old = String((await project.put('k', '1')).headers.etag);
    const tag = String((await project.put('k', '{"a":1}', JSON_TYPE)).headers.etag);
    for (const path of READS) {
      for (const method of ['GET', 'HEAD']) {
        const status = async (headers: Record<string, string>) => {
          const answer = await project.send(method, path, { headers });
          if (answer.status !== 412) expect(answer.headers.etag, `${method} ${path}`).to.equal(tag);
          if (method === 'HEAD' || answer.status === 304) expect(answer.bytes.length).to.equal(0);
          return answer.status;
        };
        expect(await status({})).to.equal(200);
        expect(await status({ 'if-none-match': tag })).to.equal(304);
        expect(await status({ 'if-none-match': `W/${tag}` })).to.equal(304);
        expect(await status({ 'if-none-match': `"a", ${tag}` })).to.equal(304);
        expect(await status({ 'if-none-match': '*' })).to.equal(304);
        expect(await status({ 'if-none-match': old })).to.equal(200);
        expect(await status({ 'if-match': tag })).to.equal(200);
        expect(await status({ 'if-match': '*' })).to.equal(200);
        expect(await status({ 'if-match': old })).to.equal(412);
        expect(await status({ 'if-match': old, 'if-none-match': tag })).to.equal(412);
        expect(await status({ 'if-match': tag, 'if-none-match': tag })).to.equal(304);
      }
    }
  });

  it('by date compares whole seconds, and is ignored if there is one by tag', async () => {
    const project = await on.project();
    on.clock.at = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
    const [before, same, after] = [-1000, 0, 1000].map((ms) => new Date((on.clock.at ?? 0) + ms).toUTCString());
    const dates = { before, same, after } as Record<'before' | 'same' | 'after', string>;
    try {
      for (const [name, write] of Object.entries(WRITES)) {
        const status = async (headers: Record<string, string>) => {
          await project.put('k', '1');
          return (await write(project, headers)).status;
        };
        expect(await status({ 'if-unmodified-since': dates.before }), name).to.equal(412);
        expect((await project.get('k')).text, name).to.equal('1');
        for (const headers of [
          { 'if-unmodified-since': dates.same },
          { 'if-unmodified-since': dates.after },
          { 'if-unmodified-since': 'yesterday' },
          { 'if-unmodified-since': dates.before, 'if-match': '*' },
          { 'if-modified-since': dates.after },
        ]) {
          expect(await status(headers), `${name} ${JSON.stringify(headers)}`).to.be.oneOf([200, 204]);
        }
      }
      const tag = String((await project.put('k', '1')).headers.etag);
      for (const path of READS) {
        const status = async (headers: Record<string, string>) => (await project.send('GET', path, { headers })).status;
        expect(await status({ 'if-modified-since': dates.before }), path).to.equal(200);
        expect(await status({ 'if-modified-since': dates.same }), path).to.equal(304);
        expect(await status({ 'if-modified-since': dates.after }), path).to.equal(304);
        expect(await status({ 'if-modified-since': 'x' }), path).to.equal(200);
        expect(await status({ 'if-modified-since': dates.same, 'if-none-match': '"x"' }), path).to.equal(200);
        expect(await status({ 'if-modified-since': dates.before, 'if-none-match': tag }), path).to.equal(304);
        expect(await status({ 'if-unmodified-since': dates.before }), path).to.equal(412);
        expect(await status({ 'if-unmodified-since': dates.same }), path).to.equal(200);
      }
      expect((await project.put('new', '1', { 'if-unmodified-since': dates.before })).status).to.equal(201);
    } finally {
      on.clock.at = undefined;
    }
  });

  it('may have empty list elements', async () => {
    const project = await on.project();
    const tag = String((await project.put('k', '1')).headers.etag);
    expect((await project.get('k', { 'if-match': `"x",, ${tag} ,` })).status).to.equal(200);
    expect((await project.get('k', { 'if-none-match': `, ,W/${tag}` })).status).to.equal(304);
    expect((await project.put('k', '2', { 'if-match': ',"x" , ' })).status).to.equal(412);
    expect((await project.put('k', '2', { 'if-match': `${tag},` })).status).to.equal(204);
  });

  it('is refused by routes without conditions, and changes nothing', async () => {
    const project = await on.project();
    await project.put('k', '1');
    const tries = [
      ['DELETE', 'store', undefined],
      ['POST', 'transactions', '{"operations":[{"delete":{"key":"k"}}]}'],
      ['POST', 'store', 'k=2'],
      ['POST', 'import?mode=replace', ''],
    ] as const;
    for (const [method, path, body] of tries) {
      for (const name of ['if-match', 'if-none-match']) {
        const headers = { [name]: '"x"', 'content-type': 'application/x-www-form-urlencoded' };
        const { status, json } = await project.send(method, path, { headers, ...(body === undefined ? {} : { body }) });
        expect([status, json.error.code], `${method} ${path}`).to.deep.equal([400, 'invalid']);
        expect(json.message).to.match(/takes no If-(None-)?Match.*`checks`/);
      }
    }
    expect((await project.get('k')).text).to.equal('1');
    expect((await project.send('GET', 'store', { headers: { 'if-match': '"x"' } })).status).to.equal(200);
  });

  it('is refused if it is malformed, and changes nothing', async () => {
    const project = await on.project();
    await project.put('k', '1');
    for (const bad of ['abc', '"abc', 'abc"', '', '*, "abc"', '"a" "b"', "'abc'", 'w/"abc"', ',', ', ,']) {
      for (const name of ['if-match', 'if-none-match']) {
        for (const write of Object.values(WRITES))
          expect((await write(project, { [name]: bad })).status, bad).to.equal(400);
        for (const path of READS) {
          expect((await project.send('GET', path, { headers: { [name]: bad } })).status, bad).to.equal(400);
        }
      }
    }
    expect((await project.get('k')).text).to.equal('1');
  });

  it('never holds for an earlier version: not after delete and create, a restart, or a clock set back', async () => {
    const project = await on.project();
    const seen = new Set<string>();
    const write = async () => {
      const tag = String((await project.put('k', '1')).headers.etag);
      expect(seen.has(tag), `${tag} came twice`).to.equal(false);
      seen.add(tag);
    };
    for (let i = 0; i < 5; i++) {
      await write();
      await write();
      await project.send('DELETE', i % 2 === 0 ? 'values/k' : 'store');
    }
    on.clock.shift -= 3_600_000;
    for (let i = 0; i < 5; i++) await write();
    if (on.durable) {
      await on.server.restart();
      for (const old of seen) {
        const { status } = await project.put('k', '2', { 'if-match': old });
        expect(status).to.equal(old === [...seen].at(-1) ? 204 : 412);
      }
    } else await on.server.restart();
    for (let i = 0; i < 5; i++) await write();
    const order = [...seen].map((tag) => Number.parseInt(tag.slice(1, -1), 36));
    expect(order).to.deep.equal([...order].sort((a, b) => a - b));
    on.clock.shift = 0;
  });
});
