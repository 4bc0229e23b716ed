import { expect } from 'chai';
import { onEveryEngine } from '../../harness/on-every-engine.js';
import type { TestProject } from '../../harness/test-project.js';

const VALUE = '0123456789';
/** The same entry by the fast path and by express. */
const PATHS = ['values/k', 'values?key=k', 'store/k/value'];

onEveryEngine('A range of bytes', (on) => {
  it('is what RFC 9110 says, by every path', async () => {
    const project = await on.project();
    await project.put('k', VALUE, { 'content-type': 'text/html' }, '?ttl=1000');
    for (const [range, bytes] of [
      ['bytes=0-0', '0-0'],
      ['bytes=0-4', '0-4'],
      ['bytes=5-', '5-9'],
      ['bytes=9-9', '9-9'],
      ['bytes=3-99999999999999999999', '3-9'],
      ['bytes=-1', '9-9'],
      ['bytes=-10', '0-9'],
      ['bytes=-999', '0-9'],
      ['BYTES = 2 - 3 ', '2-3'],
    ] as const) {
      for (const path of PATHS) {
        const whole = await project.send('GET', path);
        const part = await project.send('GET', path, { headers: { range, 'accept-encoding': 'gzip, br' } });
        const [from, to] = bytes.split('-').map(Number) as [number, number];
        expect([part.status, part.text], range).to.deep.equal([206, VALUE.slice(from, to + 1)]);
        expect(part.headers['content-range'], range).to.equal(`bytes ${bytes}/10`);
        const { 'content-range': _, ...headers } = part.headers;
        expect(withoutOwn(headers), `${range} ${path}`).to.deep.equal(withoutOwn(whole.headers));
      }
    }
    expect((await project.get('k')).headers['accept-ranges']).to.equal('bytes');
  });

  it('is the whole value for several ranges, other units and what is malformed', async () => {
    const project = await on.project();
    await project.put('k', VALUE);
    const malformed = [
      'bytes=',
      'bytes=-',
      'bytes=a-b',
      'bytes=5-2',
      'bytes=1.5-2',
      'bytes 0-1',
      'bytes=+1-2',
      '0-1',
      '',
    ];
    for (const range of ['bytes=0-1,4-5', 'bytes=0-1,', 'items=0-1', ...malformed]) {
      for (const path of PATHS) {
        const { status, text, headers } = await project.send('GET', path, { headers: { range } });
        expect([status, text, headers['content-range']], range).to.deep.equal([200, VALUE, undefined]);
      }
    }
  });

  it('is 416 with the length if it begins after the value', async () => {
    const project = await on.project();
    await project.put('k', VALUE);
    await project.put('empty', '');
    const ranges = [
      ['k', 'bytes=10-', 10],
      ['k', 'bytes=99999999999999999999-', 10],
      ['k', 'bytes=-0', 10],
      ['empty', 'bytes=0-', 0],
    ] as const;
    for (const [key, range, size] of ranges) {
      const { status, headers, json } = await project.get(key, { range });
      expect([status, headers['content-range']], range).to.deep.equal([416, `bytes */${size}`]);
      expect(json.error).to.deep.equal({ code: 'range_not_satisfiable', size_bytes: size });
    }
    const { status, text } = await project.get('empty', { range: 'bytes=-5' });
    expect([status, text]).to.deep.equal([200, '']);
  });

  it('depends on If-Range, after the other conditions', async () => {
    const project = await on.project();
    await project.put('k', VALUE);
    const { etag = '', 'last-modified': modified = '' } = (await project.get('k')).headers;
    const statusFor = async (headers: Record<string, string>) =>
      (await project.get('k', { range: 'bytes=1-2', ...headers })).status;
    expect(await statusFor({ 'if-range': etag })).to.equal(206);
    for (const other of [`W/${etag}`, '"other"', etag.replace(/"$/, '-gzip"'), modified, `${etag}, ${etag}`]) {
      expect(await statusFor({ 'if-range': other }), other).to.equal(200);
    }
    expect(await statusFor({ 'if-range': etag, 'if-none-match': etag })).to.equal(304);
    expect(await statusFor({ 'if-match': '"other"' })).to.equal(412);
    expect(await statusFor({ 'if-match': etag })).to.equal(206);
    expect((await project.get('k', { range: 'bytes=99-', 'if-range': '"other"' })).status).to.equal(200);
    expect((await project.get('none', { range: 'bytes=0-' })).status).to.equal(404);
  });

  it('is ignored by HEAD, by writes and by the envelope', async () => {
    const project = await on.project();
    await project.put('k', VALUE);
    const headers = { range: 'bytes=0-1' };
    const head = await project.send('HEAD', 'values/k', { headers });
    expect([head.status, head.headers['content-length'], head.headers['accept-ranges']]).to.deep.equal([
      200,
      '10',
      'bytes',
    ]);
    expect((await project.send('GET', 'store/k', { headers })).status).to.equal(200);
    expect((await project.put('k', VALUE, headers)).status).to.equal(204);
    expect((await project.get('k')).text).to.equal(VALUE);
  });

  it('puts a large value together from its parts', async () => {
    const project = await on.project();
    const value = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 31) % 251));
    await project.put('k', value);
    expect(await inParts(project, 'k', 70_001)).to.deep.equal(value);
  });
});

async function inParts(project: TestProject, key: string, size: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let at = 0, total = 1; at < total; at += size) {
    const { bytes, headers } = await project.get(key, { range: `bytes=${at}-${at + size - 1}` });
    parts.push(bytes);
    total = Number(headers['content-range']?.split('/')[1]);
  }
  return Buffer.concat(parts);
}

/** Headers without those that differ from response to response. */
function withoutOwn(headers: object): object {
  return { ...headers, date: '', 'x-request-id': '', 'content-length': '' };
}
