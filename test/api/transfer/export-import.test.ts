import { expect } from 'chai';
import { contents, exported, imported } from '../../harness/export-content.js';
import { onEveryEngine } from '../../harness/on-every-engine.js';
import type { TestProject } from '../../harness/test-project.js';

const AWKWARD: Readonly<Record<string, { value: string | Buffer; type?: string; meta?: string }>> = {
  plain: { value: 'never stored' },
  'a/b c%20': { value: 'text', meta: '{"owner":"Zoë 😀","n":1.0,"json":{"meta":[]}}' },
  'line\nbreak\u0000and nul': { value: '{"a":\n  1 }\n', type: 'application/json' },
  '.': { value: ' {"spaces": "outside"} ', type: 'application/json' },
  ['__proto__']: { value: '{"__proto__":{"x":106242075399214372653},"x":1.0}', type: 'application/json' },
  ['k'.repeat(512)]: {
    value: Buffer.from([0xff, 0, 0xc3, 0x28]),
    type: 'application/octet-stream',
    meta: '{}',
  },
  '😀': { value: '"\\ud800 is a lone surrogate, escaped"', type: 'application/json' },
  '\uffff': { value: '\ufeffwith a byte order mark', type: 'text/plain; charset=utf-8' },
  control: { value: Buffer.alloc(5000, 1), type: 'text/plain' },
  'big numbers': { value: '[1e400,-0,1.10]', type: 'application/json' },
  deep: { value: `${'['.repeat(64)}${']'.repeat(64)}`, type: 'application/json' },
  deeper: { value: `${'['.repeat(65)}${']'.repeat(65)}`, type: 'application/json' },
};

onEveryEngine('Export and import', (on) => {
  it('keep every value byte for byte, with its type and times, however awkward', async () => {
    const project = await on.project();
    await fill(project);
    await project.put('expires', 'soon', {}, '?ttl=1000.5');
    const whole = await exported(project);
    const other = await on.project();
    for (const mode of ['merge', 'replace']) {
      await other.put('stale', 'x');
      const { status, json, text } = await imported(other, whole.bytes, `?mode=${mode}`);
      expect(status, text).to.equal(200);
      expect(json.data.count).to.equal(Object.keys(AWKWARD).length + 1);
      await compare(project, other);
      expect((await other.get('stale')).status).to.equal(mode === 'merge' ? 200 : 404);
    }
    const back = await exported(other);
    expect(contents(back)).to.deep.equal(contents(whole));
  });

  it('take a file that an editor saved with a byte order mark', async () => {
    const project = await on.project();
    await project.put('a', '1');
    const marked = Buffer.concat([Buffer.from('\uFEFF'), (await exported(project)).bytes]);
    const { status, text } = await imported(await on.project(), marked);
    expect(status, text).to.equal(200);
  });

  it('bring metadata back, as it was at the export: set, changed and removed', async () => {
    const project = await on.project();
    const metas = async () =>
      Promise.all(['a', 'b', 'c'].map(async (key) => (await project.get(key)).headers['kv-meta']));
    await project.put('a', '1', { 'kv-meta': '{"n":1}' });
    await project.put('b', '1');
    await project.put('c', '1', { 'kv-meta': '{}' });
    const whole = await exported(project);
    for (const mode of ['merge', 'replace']) {
      await project.put('a', '1');
      await project.put('b', '1', { 'kv-meta': '{"n":2}' });
      const { json, text } = await imported(project, whole.bytes, `?mode=${mode}`);
      expect(json.data?.put, text).to.equal(mode === 'merge' ? 2 : 3);
      expect(await metas()).to.deep.equal(['{"n":1}', undefined, '{}']);
    }
    const wrong = whole.bytes.toString().replace('"meta":{"n":1}', '"meta":[]');
    const { status, json } = await imported(project, Buffer.from(wrong));
    expect([status, json.error.line]).to.deep.equal([400, 2]);
    expect(json.message).to.match(/^Line 2: has a member meta that must be a JSON object/);
  });

  it('give new versions, but not to entries that are equal already', async () => {
    const project = await on.project();
    await project.put('same', '1');
    await project.put('other', '1');
    const whole = await exported(project);
    const before = [(await project.get('same')).headers.etag, (await project.get('other')).headers.etag];
    await project.put('other', '2');
    const { json } = await imported(project, whole.bytes);
    expect(json.data).to.deep.equal({ count: 2, put: 1, unchanged: 1, expired: 0 });
    expect((await project.get('same')).headers.etag).to.equal(before[0]);
    const other = await project.get('other');
    expect(other.text).to.equal('1');
    expect(other.headers.etag).not.to.equal(before[1]);
    await imported(project, whole.bytes, '?mode=replace');
    expect((await project.get('same')).headers.etag).not.to.equal(before[0]);
  });

  it('only check and count in a dry run', async () => {
    const project = await on.project();
    await project.put('kept', '1');
    await project.put('gone', '1');
    const whole = await exported(project);
    await project.put('new', '1');
    await project.send('DELETE', 'values/gone');
    const state = contents(await exported(project));
    const merge = await imported(project, whole.bytes, '?dry_run=true');
    expect(merge.json.data).to.deep.equal({ count: 2, put: 1, unchanged: 1, expired: 0 });
    const replace = await imported(project, whole.bytes, '?mode=replace&dry_run=true');
    expect(replace.json.data).to.deep.equal({ count: 2, put: 2, unchanged: 0, expired: 0, removed: 1 });
    expect(contents(await exported(project))).to.deep.equal(state);
  });

  it('leave out expired entries, both at the export and at the import', async () => {
    const project = await on.project();
    await project.put('short', '1', {}, '?ttl=10');
    await project.put('longer', '1', {}, '?ttl=100');
    const before = await exported(project);
    on.clock.shift += 20_000;
    try {
      expect(contents(await exported(project)).map(({ key }) => key)).to.deep.equal(['longer']);
      expect((await imported(project, before.bytes, '?mode=replace')).json.data).to.include({
        count: 2,
        put: 1,
        expired: 1,
      });
    } finally {
      on.clock.shift = 0;
    }
  });

  it('refuse an export that is cut or changed anywhere, and replace nothing', async () => {
    const project = await on.project();
    for (let i = 0; i < 20; i++) await project.put(`key-${i}`, `{"n":${i}}`, { 'content-type': 'application/json' });
    const { bytes } = await exported(project);
    const other = await on.project();
    await other.put('precious', '1');
    for (let i = 0; i < 25; i++) {
      const at = Math.floor((i / 25) * (bytes.length - 1));
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] as number) ^ (1 << (i % 7));
      for (const damaged of [bytes.subarray(0, at), flipped]) {
        const { status, text } = await imported(other, damaged, '?mode=replace');
        expect(status, `at ${at}: ${text}`).to.be.oneOf([400, 413, 422]);
      }
    }
    expect(contents(await exported(other)).map(({ key }) => key)).to.deep.equal(['precious']);
  }).timeout(60_000);

  it('name the line that is wrong, and what was merged before it', async () => {
    const project = await on.project();
    const lines = ['{"format":"portkv-export","version":1}', '{"key":"a","text":"1"}', '{"key":"b"}'];
    const merged = await imported(project, Buffer.from(lines.join('\n')));
    expect(merged.status).to.equal(400);
    expect(merged.json.error).to.deep.include({ code: 'invalid', line: 3, put: 1, last_key: 'a' });
    const whole = await imported(project, Buffer.from(lines.slice(0, 2).join('\n')));
    expect(whole.status).to.equal(400);
    expect(whole.json.error).to.deep.include({ line: 2, put: 0, unchanged: 1, last_key: 'a' });
    expect((await project.get('a')).text).to.equal('1');
    const replaced = await imported(project, Buffer.from(lines.join('\n')), '?mode=replace');
    expect(replaced.json.error).to.deep.include({ code: 'invalid', line: 3 });
    expect((await project.get('a')).text).to.equal('1');
  });

  it('respect the limits of the project', async () => {
    const project = await on.project();
    for (let i = 0; i < 5; i++) await project.put(`key-${i}`, 'x'.repeat(50));
    const { bytes } = await exported(project);
    for (const [limits, status] of [
      [{ max_value_bytes: 49 }, 413],
      [{ max_keys: 4 }, 507],
      [{ max_total_bytes: 200 }, 507],
      [{ key_pattern: '[a-z]+' }, 422],
    ] as const) {
      const other = await on.project({ limits });
      for (const query of ['?mode=replace', '?mode=replace&dry_run=true', '?dry_run=true', '']) {
        expect((await imported(other, bytes, query)).status, `${JSON.stringify(limits)} ${query}`).to.equal(status);
        if (query !== '') expect(contents(await exported(other))).to.deep.equal([]);
      }
    }
  });

  it('can go on after a key', async () => {
    const project = await on.project();
    for (const key of ['a', 'b', 'c']) await project.put(key, key);
    const rest = await exported(project, '?after=b');
    expect(contents(rest).map(({ key }) => key)).to.deep.equal(['c']);
    expect((await imported(project, rest.bytes, '?mode=replace')).status).to.equal(400);
    expect((await imported(project, rest.bytes)).json.data.unchanged).to.equal(1);
  });

  it('are refused to the system key, and reveal nothing if keys are hidden', async () => {
    const project = await on.project({ security: { keys_and_values_discoverable: false } });
    expect((await project.send('GET', 'export')).status).to.equal(403);
    const system = { headers: { authorization: `Bearer ${on.server.systemKey}` } };
    expect((await project.send('GET', 'export', system)).status).to.equal(403);
    await project.put('kept', '1');
    const whole = await exported(await on.project());
    const { json } = await imported(project, whole.bytes, '?mode=replace');
    expect(json.data, 'how many keys there were').to.deep.equal({ count: 0, put: 0, unchanged: 0, expired: 0 });
    expect((await project.send('POST', 'import', system)).status).to.equal(403);
  });
});

async function fill(project: TestProject): Promise<void> {
  for (const [key, { value, type = 'text/plain', meta }] of Object.entries(AWKWARD)) {
    const { status, text } = await project.send('PUT', `values?key=${encodeURIComponent(key)}`, {
      body: value,
      headers: { 'content-type': type, ...(meta === undefined ? {} : { 'kv-meta': encodeURIComponent(meta) }) },
    });
    expect(status, `${key} ${text}`).to.equal(201);
  }
}

async function compare(one: TestProject, other: TestProject): Promise<void> {
  for (const key of [...Object.keys(AWKWARD), 'expires']) {
    const path = `values?key=${encodeURIComponent(key)}`;
    const [a, b] = [await one.send('GET', path), await other.send('GET', path)];
    expect(b.status, key).to.equal(200);
    expect(b.bytes.equals(a.bytes), key).to.equal(true);
    for (const header of ['content-type', 'kv-created', 'kv-expires', 'kv-meta', 'last-modified']) {
      expect(b.headers[header], `${header} of ${key}`).to.equal(a.headers[header]);
    }
  }
}
