import { expect } from 'chai';
import { RandomSource } from '../../fuzz/generators/random-source.js';
import { onEveryEngine } from '../../harness/on-every-engine.js';
import type { TestProject } from '../../harness/test-project.js';

const SEED = Number(process.env.SEQUENCE_SEED ?? Math.floor(Math.random() * 2 ** 31));

onEveryEngine('A sequential transaction', (on) => {
  it('runs its operations one after another, on one key as often as wanted', async () => {
    const project = await on.project();
    const { status, json } = await project.run({
      sequential: true,
      operations: [
        { get: { key: 'n' } },
        { increment: { key: 'n', by: 41 } },
        { increment: { key: 'n' } },
        { get: { key: 'n' } },
        { put: { key: 'n', text: 'x', return: 'old' } },
        { append: { key: 'n', text: 'y' } },
        { delete: { key: 'n', return: 'old' } },
        { delete: { key: 'n', return: 'old' } },
        { put: { key: 'm', json: { a: 1 } } },
        { merge: { key: 'm', json: { b: 2 } } },
        { touch: { key: 'm', ttl: 100 } },
        { get: { key: 'm' } },
      ],
    });
    expect(status).to.equal(200);
    const { results } = json.data;
    expect(results[0]).to.equal(null);
    expect([results[1].value, results[2].value, results[3].value]).to.deep.equal([41, 42, 42]);
    expect(results[3].version).to.equal(results[2].version);
    expect(results[4].old).to.deep.include({ value: 42, version: results[2].version });
    expect(results[6]).to.deep.include({ existed: true }).and.have.nested.property('old.value', 'xy');
    expect(results[7]).to.deep.equal({ existed: false, old: null });
    expect(results[11]).to.deep.include({ value: { a: 1, b: 2 }, version: results[10].version });
    expect(results[11]).to.have.property('expires_at');
    expect((await project.get('n')).status).to.equal(404);
    expect((await project.get('m')).headers.etag).to.equal(`"${results[10].version}"`);
  });

  it('does what its operations do one at a time', async function () {
    this.timeout(120_000);
    const random = new RandomSource(SEED);
    for (let round = 0; round < 4; round++) {
      const [whole, single] = [await on.project(), await on.project()];
      const operations = Array.from({ length: 30 }, () => randomOperation(random));
      const apart = [];
      const allowed = [];
      for (const operation of operations) {
        const { status, json } = await single.run({ operations: [operation] });
        // An increment of digits that are no number, or of too many, is refused by both; the others go on without it.
        if (status !== 200)
          expect((await whole.run({ sequential: true, operations: [...allowed, operation] })).json.error.code).to.equal(
            json.error.code,
          );
        else {
          apart.push(json.data.results[0]);
          allowed.push(operation);
        }
      }
      const together = (await whole.run({ sequential: true, operations: allowed })).json.data.results;
      const what = `round ${round} of SEQUENCE_SEED=${SEED}`;
      expect(withoutStamps(together), what).to.deep.equal(withoutStamps(apart));
      expect(await contentOf(whole), what).to.deep.equal(await contentOf(single));
    }
  });

  it('has its checks hold before it, and is refused whole if an operation fails', async () => {
    const project = await on.project();
    const absent = [{ key: 'a', absent: true }];
    const put = { put: { key: 'a', text: 'x' } };
    const run = (operations: object[], checks: object[] = []) => project.run({ sequential: true, operations, checks });
    const failed = await run([put, { merge: { key: 'a', json: {} } }]);
    expect([failed.status, failed.json.error.path]).to.deep.equal([422, 'operations[1].merge']);
    const missing = await run([put, { delete: { key: 'a' } }, { touch: { key: 'a', ttl: 1 } }]);
    expect([missing.status, missing.json.error.path]).to.deep.equal([404, 'operations[2].touch']);
    expect((await project.get('a')).status).to.equal(404);
    expect((await run([put, { delete: { key: 'a' } }, put], absent)).status).to.equal(200);
    expect((await run([put], absent)).status).to.equal(412);
  });

  it('is one change of each key to readers and in the change feed', async () => {
    const project = await on.project();
    await project.put('gone', 'x');
    const { since } = (await project.send('GET', 'changes?wait=0')).json.data;
    const increments = Array.from({ length: 900 }, () => ({ increment: { key: 'n' } }));
    const { json } = await project.run({
      sequential: true,
      operations: [
        { put: { key: 'm', text: '' } },
        ...increments,
        { delete: { key: 'gone' } },
        { delete: { key: 'm' } },
      ],
    });
    expect(json.data.results[900].value).to.equal(900);
    const { changes } = (await project.send('GET', `changes?wait=0&since=${since}`)).json.data;
    expect(changes.map(({ event, key }: { event: string; key: string }) => [event, key])).to.deep.equal([
      ['put', 'n'],
      ['delete', 'gone'],
    ]);
    expect(changes[0].version).to.equal(json.data.results[900].version);
  });

  it('may have intermediate values that a limit forbids, but not leave one', async () => {
    const project = await on.project({ limits: { max_value_bytes: 5, max_keys: 1 } });
    const run = (...operations: object[]) => project.run({ sequential: true, operations });
    const put = (key: string, text: string) => ({ put: { key, text } });
    expect((await run(put('a', '123456'), put('a', '1'))).status).to.equal(200);
    expect((await run(put('b', '1'), { delete: { key: 'b' } })).status).to.equal(200);
    expect((await run(put('a', '1'), put('a', '123456'))).json.error.code).to.equal('too_large');
    expect((await run({ delete: { key: 'b' } }, put('b', '1'))).json.error.code).to.equal('insufficient_storage');
    expect(await contentOf(project)).to.deep.equal({ a: [1, 'text/plain; charset=utf-8'] });
  });

  it('is refused if it reads more than a limit, however often one value', async () => {
    const project = await on.project();
    await project.put('large', Buffer.alloc(16 * 1024 * 1024 - 10, 'x'));
    const appends = (count: number) => Array.from({ length: count }, () => ({ append: { key: 'large', text: 'y' } }));
    const { status, json } = await project.run({ sequential: true, operations: appends(5) });
    expect([status, json.error.code, json.error.limit_bytes]).to.deep.equal([413, 'too_large', 64 * 1024 * 1024]);
    expect((await project.run({ sequential: true, operations: appends(4) })).status).to.equal(200);
  });
});

function randomOperation(random: RandomSource): object {
  const key = random.pick(['a', 'b', 'c']);
  return random.pick([
    { get: { key } },
    { put: { key, json: random.below(100), return: 'old' } },
    { put: { key, text: `${random.below(100)}`, ttl: 1000 } },
    { put: { key, base64: 'NDI=', content_type: 'application/x-count', expires_at: 1000 } },
    { delete: { key } },
    { delete: { key, return: 'old' } },
    { increment: { key, by: random.below(10), ttl: 1000 } },
    { append: { key, text: `${random.below(10)}` } },
  ]);
}

/** Without versions and times, which differ between two runs; only whether an entry expires is kept. */
function withoutStamps(results: unknown): unknown {
  return JSON.parse(
    JSON.stringify(results, (name, value) => {
      if (['version', 'created_at', 'updated_at'].includes(name)) return undefined;
      return name === 'expires_at' ? true : value;
    }),
  );
}

async function contentOf(project: TestProject): Promise<object> {
  const { data } = (await project.send('GET', 'store')).json;
  return Object.fromEntries(
    Object.entries(data).map(([key, item]) => {
      const { value, content_type: type } = item as { value: unknown; content_type: string };
      return [key, [value, type]];
    }),
  );
}
