import { expect } from 'chai';
import { onEveryEngine } from '../../harness/on-every-engine.js';

onEveryEngine('A value', (on) => {
  it('comes back byte for byte with its type, and is shown as JSON, text or base64', async () => {
    const project = await on.project();
    const values: [string | Uint8Array, string, string][] = [
      ['106242075399214372653', 'application/json', '"value":106242075399214372653,'],
      ['1.0', 'text/plain', '"value":1.0,'],
      [' { "b":1, "a" : 2.50 }\n', 'application/json', '"value": { "b":1, "a" : 2.50 }\n,'],
      ['{"a":1', 'application/json', '"value":"{\\"a\\":1",'],
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

  it('may be JSON of 100,000 levels, which is shown as text', async () => {
    const project = await on.project();
    const body = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const headers = { 'content-type': 'application/json' };
    expect((await project.send('PUT', 'store/deep', { body, headers })).status).to.equal(200);
    expect((await project.get('deep')).text).to.equal(body);
    expect((await project.send('GET', 'store/deep')).json.data.value).to.equal(body);
  });
});
