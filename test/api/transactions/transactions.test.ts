import { expect } from 'chai';
import { onEveryEngine } from '../../harness/on-every-engine.js';
import type { TestProject } from '../../harness/test-project.js';

onEveryEngine('A transaction', (on) => {
  it('accepts JSON as deep as a PUT does, and no deeper', async () => {
    const project = await on.project();
    const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    const put = (levels: number) => project.run(`{"operations":[{"put":{"key":"k","json":${deep(levels)}}}]}`);
    const merge = (levels: number) => project.run(`{"operations":[{"merge":{"key":"k","json":${deep(levels)}}}]}`);
    for (const levels of [60, 61, 64]) {
      expect((await put(levels)).status, String(levels)).to.equal(200);
      expect((await project.get('k')).text).to.equal(deep(levels));
      expect((await merge(levels)).status, String(levels)).to.equal(200);
    }
    for (const run of [put, merge]) {
      const { status, json } = await run(65);
      expect([status, json.error.path]).to.deep.equal([400, 'body']);
      expect(json.message).to.match(/nested deeper than 68 levels/);
    }
  });

  it('describes a missing key as every other route does', async () => {
    const project = await on.project();
    const message = `Key 'none' not found in project '${project.id}' store`;
    const headers = { 'content-type': 'application/merge-patch+json' };
    const patched = await project.send('PATCH', 'store/none', { body: '{}', headers });
    const touched = await project.send('POST', 'store/none/touch', { body: '{"ttl":1}' });
    expect([patched.status, patched.json.message]).to.deep.equal([404, message]);
    expect([touched.status, touched.json.message]).to.deep.equal([404, message]);
    const { status, json } = await project.run({ operations: [{ merge: { key: 'none', json: {} } }] });
    expect([status, json.message, json.error.path]).to.deep.equal([
      404,
      `operations[0].merge: ${message}`,
      'operations[0].merge',
    ]);
  });

  it('runs every operation on the state before, and returns the results by position', async () => {
    const project = await on.project();
    await project.run({
      operations: ['read', 'gone', 'patched', 'log', 'n', 'touched'].map((key) => ({
        put: { key, json: key === 'n' ? 41 : { key } },
      })),
    });
    const { status, json } = await project.run(
      `{"operations": [{"get":{"key":"read"}}, {"get":{"key":"nothing"}},
        {"delete":{"key":"gone"}}, {"delete":{"key":"none"}},
        {"increment":{"key":"n"}}, {"increment":{"key":"m","by":-100000000000000000000}},
        {"append":{"key":"log","text":"x"}},
        {"merge":{"key":"patched","json":{"a":1.0,"key":null}}}, {"touch":{"key":"touched","ttl":100}},
        {"put":{"key":"j","json": {"f": 1.0 } }}, {"put":{"key":"t","text":"é","content_type":"text/x"}},
        {"put":{"key":"b","base64":"/wA=","expires_at":4000000000.5}}, {"put":{"key":"z","json":null}}]}`,
    );
    expect(status).to.equal(200);
    expect(json.data.committed).to.equal(true);
    const { results } = json.data;
    expect(results[0]).to.deep.include({ value: { key: 'read' }, content_type: 'application/json' });
    expect(results.slice(1, 4)).to.deep.equal([null, { existed: true }, { existed: false }]);
    expect(results[4].value).to.equal(42);
    for (const [i, key] of ['n', 'm', 'log', 'patched', 'touched', 'j', 't', 'b', 'z'].entries()) {
      expect((await project.get(key)).headers.etag, key).to.equal(`"${results[i + 4].version}"`);
    }
    const values = {
      n: '42',
      m: '-100000000000000000000',
      log: '{"key":"log"}x',
      patched: '{"a":1.0}',
      j: '{"f": 1.0 }',
    };
    for (const [key, value] of Object.entries(values)) expect((await project.get(key)).text).to.equal(value);
    expect((await project.get('t')).headers['content-type']).to.equal('text/x');
    expect([
      (await project.get('b')).bytes.toString('hex'),
      (await project.get('b')).headers['kv-expires'],
    ]).to.deep.equal(['ff00', '4000000000.5']);
    expect((await project.get('z')).text).to.equal('null');
    expect((await project.get('gone')).status).to.equal(404);
    const versions = results.slice(4).map(({ version }: { version: string }) => Number.parseInt(version, 36));
    expect(new Set(versions).size).to.equal(9);
  });

  it('returns every check that fails, by index and version, and changes nothing', async () => {
    const project = await on.project();
    const version = String((await project.put('a', '1')).headers.etag).slice(1, -1);
    const put = { put: { key: 'new', text: 'x' } };
    const failed = async (checks: object[]) => {
      const { status, json } = await project.run({ checks, operations: [put, { delete: { key: 'a' } }] });
      expect([status, json.error.code]).to.deep.equal([412, 'check_failed']);
      expect((await project.get('new')).status).to.equal(404);
      return json.error.failed;
    };
    expect(
      await failed([
        { key: 'a', version },
        { key: 'a', absent: true },
        { key: 'b', exists: true },
        { key: 'b', version },
        { key: 'a', version: 'nonsense' },
      ]),
    ).to.deep.equal([
      { index: 1, key: 'a', version },
      { index: 2, key: 'b', version: null },
      { index: 3, key: 'b', version: null },
      { index: 4, key: 'a', version },
    ]);
    const checks = [
      { key: 'a', version },
      { key: 'a', exists: true },
      { key: 'b', absent: true },
    ];
    expect((await project.run({ checks, operations: [put] })).status).to.equal(200);
    expect((await project.run({ checks, operations: [] })).json.data).to.deep.equal({ committed: true, results: [] });
  });

  it('is never seen in part', async () => {
    const project = await on.project();
    const pair = ['left', 'right'];
    const write = (value: number) => project.run({ operations: pair.map((key) => ({ put: { key, json: value } })) });
    await write(0);
    let running = true;
    const writers = [1, 2].map(async (who) => {
      for (let i = 0; i < 60; i++) {
        if (i % 10 === 9) await project.run({ operations: pair.map((key) => ({ delete: { key } })) });
        await write(who * 1000 + i);
      }
    });
    const readers = [1, 2, 3].map(async () => {
      let reads = 0;
      for (; running; reads++) {
        const { json } = await project.run({ operations: pair.map((key) => ({ get: { key } })) });
        const [left, right] = json.data.results;
        expect(left?.value).to.equal(right?.value);
        const { data } = (await project.send('GET', 'store?limit=2')).json;
        expect(data.items.left?.value).to.equal(data.items.right?.value);
      }
      return reads;
    });
    await Promise.all(writers);
    running = false;
    expect(Math.min(...(await Promise.all(readers)))).to.be.above(5);
  });

  it('keeps the sum of a bank while many transfers run at once', async () => {
    const project = await on.project();
    const accounts = ['a', 'b', 'c', 'd'];
    await project.run({ operations: accounts.map((key) => ({ put: { key, json: 100 } })) });
    const moves = Array.from({ length: 200 }, (_, i) => {
      const [from, to] = [accounts[i % 4] as string, accounts[(i + 1 + (i % 3)) % 4] as string];
      return project.run({ operations: [{ increment: { key: from, by: -i } }, { increment: { key: to, by: i } }] });
    });
    for (const { status } of await Promise.all(moves)) expect(status).to.equal(200);
    const { data } = (await project.send('GET', 'store')).json;
    const sum = accounts.reduce((total, key) => total + data[key].value, 0);
    expect(sum).to.equal(400);
  });

  it('has at most 1,000 operations and 8 MiB', async () => {
    const project = await on.project();
    const puts = (count: number) => ({
      operations: Array.from({ length: count }, (_, i) => ({ put: { key: `k${i}`, text: 'x' } })),
    });
    expect((await project.run(puts(1000))).json.data.results).to.have.length(1000);
    await project.send('DELETE', 'store');
    await refused(project, puts(1001), 400, 'operations');
    const text = 'x'.repeat(1024 * 1024 - 100);
    const large = { operations: Array.from({ length: 8 }, (_, i) => ({ put: { key: `k${i}`, text } })) };
    expect((await project.run(large)).status).to.equal(200);
    const { status, json } = await project.run({ operations: [...large.operations, { put: { key: 'k', text } }] });
    expect([status, json.error.code, json.error.limit_bytes]).to.deep.equal([413, 'too_large', 8 * 1024 * 1024]);
  });

  it('is refused if it is not UTF-8, as is a form, and not stored with other characters', async () => {
    const project = await on.project();
    const body = Buffer.from('{"operations":[{"put":{"key":"a\xff","text":"b"}}]}', 'latin1');
    expect((await project.send('POST', 'transactions', { body })).status).to.equal(400);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const form = await project.send('POST', 'store', { headers, body: Buffer.from('a\xff=1', 'latin1') });
    expect(form.status).to.equal(400);
    expect((await project.send('GET', 'store?count=only')).json.data.count).to.equal(0);
  });

  it('is refused with the path of the member that is malformed, and changes nothing', async () => {
    const project = await on.project();
    await project.put('text', 'no json');
    const before = (await project.send('GET', 'store')).text;
    const bad: [object, string][] = [
      [{}, 'operations'],
      [{ operations: {} }, 'operations'],
      [{ operations: [], more: 1 }, 'more'],
      [{ operations: ['get'] }, 'operations[0]'],
      [{ operations: [{}] }, 'operations[0]'],
      [{ operations: [{ get: { key: 'a' }, delete: { key: 'b' } }] }, 'operations[0]'],
      [{ operations: [{ fetch: { key: 'a' } }] }, 'operations[0].fetch'],
      [{ operations: [{ get: {} }] }, 'operations[0].get.key'],
      [{ operations: [{ get: { key: '' } }] }, 'operations[0].get.key'],
      [{ operations: [{ get: { key: 1 } }] }, 'operations[0].get.key'],
      [{ operations: [{ get: { key: 'é'.repeat(257) } }] }, 'operations[0].get.key'],
      [{ operations: [{ get: { key: 'a', value: 1 } }] }, 'operations[0].get.value'],
      [{ operations: [{ put: { key: 'a' } }] }, 'operations[0].put'],
      [{ operations: [{ put: { key: 'a', text: 'x', json: 1 } }] }, 'operations[0].put'],
      [{ operations: [{ put: { key: 'a', text: 1 } }] }, 'operations[0].put.text'],
      [{ operations: [{ put: { key: 'a', base64: '!' } }] }, 'operations[0].put.base64'],
      [{ operations: [{ put: { key: 'a', text: 'x', ttl: 0 } }] }, 'operations[0].put.ttl'],
      [{ operations: [{ put: { key: 'a', text: 'x', ttl: '1' } }] }, 'operations[0].put.ttl'],
      [{ operations: [{ put: { key: 'a', text: 'x', ttl: 1, expires_at: 2 } }] }, 'operations[0].put'],
      [{ operations: [{ put: { key: 'a', text: 'x', expires_at: 1.8e12 } }] }, 'operations[0].put.expires_at'],
      [{ operations: [{ put: { key: 'a', text: 'x', content_type: 'a\nb' } }] }, 'operations[0].put.content_type'],
      [{ operations: [{ append: { key: 'a', json: 1 } }] }, 'operations[0].append.json'],
      [{ operations: [{ append: { key: 'a' } }] }, 'operations[0].append'],
      [{ operations: [{ merge: { key: 'text' } }] }, 'operations[0].merge.json'],
      [{ operations: [{ touch: { key: 'text' } }] }, 'operations[0].touch.ttl'],
      [{ operations: [{ touch: { key: 'text', ttl: -1 } }] }, 'operations[0].touch.ttl'],
      [{ operations: [{ increment: { key: 'a', by: 1.5 } }] }, 'operations[0].increment.by'],
      [{ operations: [{ get: { key: 'a' } }, { put: { key: 'a', text: 'x' } }] }, 'operations[1].put.key'],
      [{ operations: [], sequential: 'true' }, 'sequential'],
      [{ operations: [{ get: { key: 'a' } }, { get: { key: '' } }], sequential: true }, 'operations[1].get.key'],
      [{ operations: [{ put: { key: 'a', text: 'x', return: 'new' } }] }, 'operations[0].put.return'],
      [{ operations: [{ delete: { key: 'a', return: true } }] }, 'operations[0].delete.return'],
      [{ operations: [{ get: { key: 'a', return: 'old' } }] }, 'operations[0].get.return'],
      [{ checks: [{ key: 'a' }], operations: [] }, 'checks[0]'],
      [{ checks: [{ key: 'a', absent: true, exists: true }], operations: [] }, 'checks[0]'],
      [{ checks: [{ key: 'a', absent: false }], operations: [] }, 'checks[0].absent'],
      [{ checks: [{ key: 'a', version: 1 }], operations: [] }, 'checks[0].version'],
      [{ checks: [{ key: 'a', absent: true, x: 1 }], operations: [] }, 'checks[0].x'],
    ];
    const good = { put: { key: 'other', text: 'x' } };
    for (const [body, path] of bad) {
      const operations =
        'operations' in body && Array.isArray(body.operations) ? [...body.operations, good] : undefined;
      await refused(project, operations === undefined ? body : { ...body, operations }, 400, path);
    }
    for (const [operation, status] of [
      [{ merge: { key: 'text', json: {} } }, 422],
      [{ increment: { key: 'text' } }, 422],
      [{ merge: { key: 'missing', json: {} } }, 404],
      [{ touch: { key: 'missing', ttl: 1 } }, 404],
    ] as const) {
      await refused(project, { operations: [good, operation] }, status, `operations[1].${Object.keys(operation)[0]}`);
    }
    for (const body of ['', '{', '[]', 'null', '"x"', `{"operations":${'['.repeat(70)}${']'.repeat(70)}}`]) {
      expect((await project.run(body)).status, body).to.equal(400);
    }
    expect((await project.send('GET', 'store')).text).to.equal(before);
  });
});

async function refused(project: TestProject, body: object, status: number, path: string): Promise<void> {
  const answer = await project.run(body);
  const shown = JSON.stringify(body).slice(0, 200);
  expect(answer.status, shown).to.equal(status);
  expect(answer.json.error.path, shown).to.equal(path);
  expect(answer.json.message, shown).to.contain(path);
  expect((await project.get('other')).status).to.equal(404);
}
