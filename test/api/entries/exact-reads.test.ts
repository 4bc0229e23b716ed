import { expect } from 'chai';
import fc from 'fast-check';
import { isJsonType } from '../../../src/domain/value.js';
import { EventStreamReader } from '../../harness/event-stream-reader.js';
import { onEveryEngine } from '../../harness/on-every-engine.js';
import type { TestProject } from '../../harness/test-project.js';
import { itemOf, type ReadItem } from './read-item.js';

const VIEWS = ['', 'auto', 'json', 'text', 'base64'] as const;
const JSON_TYPES = ['application/json', 'application/geo+json; charset=utf-8', 'text/json'];
const OTHER_TYPES = ['text/plain', 'application/octet-stream', 'image/png', 'application/jsonish'];

/** Values that look alike, or lose something, if they are parsed and written again. */
const values = [
  'q',
  '"q"',
  '1e5',
  '1.0',
  '-0',
  '106242075399214372653',
  '{"a":1,"a":2}',
  ' {"b" : [1 , 2]}\r\n',
  '\t"\\u0041"\n',
  '{"10":1,"2":2}',
  '{"value":1,"version":"x"}',
  '{',
  '',
  'null',
  '\ufeff{}',
  'é😀\u2028',
  '"\u2028"',
  Uint8Array.of(0, 255, 10),
  Uint8Array.of(0xed, 0xa0, 0x80),
].map((value) => Buffer.from(value));

onEveryEngine('A read of many entries', (on) => {
  it('gives back every value exactly, whatever is asked for', async () => {
    const project = await on.project();
    const types = [...JSON_TYPES, ...OTHER_TYPES];
    for (const [i, value] of values.entries()) await checkReads(project, value, types[i % types.length] as string);
    for (const value of values.slice(0, 9)) await checkReads(project, value, 'text/plain');
    const anyValue = fc.oneof(
      fc.uint8Array(),
      fc.string({ unit: 'binary' }).map(Buffer.from),
      fc.json().map(Buffer.from),
    );
    await fc.assert(
      fc.asyncProperty(anyValue, fc.constantFrom(...types), (value, type) => checkReads(project, value, type)),
      { numRuns: 5 },
    );
  });

  it('shows JSON only if the content type says JSON', async () => {
    const project = await on.project();
    for (const type of [...JSON_TYPES, ...OTHER_TYPES]) {
      const encoding = isJsonType(type) ? 'json' : 'text';
      for (const read of await readsOf(project, Buffer.from('{"a": 1}'), type, '')) {
        expect([read.encoding, read.shown], type).to.deep.equal([
          encoding,
          encoding === 'json' ? { a: 1 } : '{"a": 1}',
        ]);
      }
    }
  });

  it('in the form that is asked for, else in the next that can hold the bytes', async () => {
    const project = await on.project();
    const shown = async (value: string | Uint8Array, type: string, view: string) => {
      const reads = await readsOf(project, Buffer.from(value), type, view);
      const [first] = reads as [ReadItem];
      for (const read of reads) expect(read).to.deep.equal(first);
      return [first.encoding, first.shown];
    };
    const bytes = Uint8Array.of(255);
    expect(await shown('1', 'text/plain', 'json')).to.deep.equal(['json', 1]);
    expect(await shown('{', 'application/json', 'json')).to.deep.equal(['text', '{']);
    expect(await shown(bytes, 'application/json', 'json')).to.deep.equal(['base64', '/w==']);
    expect(await shown('1', 'application/json', 'text')).to.deep.equal(['text', '1']);
    expect(await shown(bytes, 'text/plain', 'text')).to.deep.equal(['base64', '/w==']);
    expect(await shown('1', 'application/json', 'base64')).to.deep.equal(['base64', 'MQ==']);
  });

  it('leaves the shape of Simple-PyKV on its routes', async () => {
    const project = await on.project();
    await project.put('k', '1.0', { 'content-type': 'text/plain' });
    for (const path of ['store', 'store/k']) {
      const { text } = await project.send('GET', path);
      expect(text).to.contain('"value":1.0,').and.not.contain('encoding');
    }
    const { value, encoding } = (await project.send('GET', 'store/k?as=text')).json.data;
    expect([value, encoding]).to.deep.equal(['1.0', 'text']);
  });

  it('is refused for another form, and takes the form only with reads', async () => {
    const project = await on.project();
    for (const path of ['store?as=xml', 'latest?key=a&as=xml', 'changes?as=xml', 'store/k?as=xml']) {
      const { status, json } = await project.send('GET', path);
      expect([status, json.error.parameter], path).to.deep.equal([400, 'as']);
      expect(json.message).to.equal('query parameter "as" must be one of auto, json, text, base64, not "xml"');
    }
    for (const operation of [{ get: { key: 'a', as: 'xml' } }, { head: { key: 'a', as: 'text' } }]) {
      const { status, json } = await project.run({ operations: [operation] });
      expect([status, json.error.path]).to.deep.equal([400, `operations[0].${Object.keys(operation)[0]}.as`]);
    }
  });
});

onEveryEngine('A head in a transaction', (on) => {
  it('is the entry without its value, or null', async () => {
    const project = await on.project();
    await project.put('k', 'text', { 'content-type': 'text/x' }, '?ttl=1000');
    const { value: _, encoding: __, ...metadata } = (await project.send('GET', 'store/k?as=text')).json.data;
    const { status, json } = await project.run({ operations: [{ head: { key: 'k' } }, { head: { key: 'none' } }] });
    expect([status, json.data.results]).to.deep.equal([200, [metadata, null]]);
    expect(metadata).to.include({ size_bytes: 4, content_type: 'text/x' }).and.have.property('expires_at');
  });

  it('needs the right to read, and no check where writes need one', async () => {
    const project = await on.project({ limits: { require_conditional: true } });
    await project.put('k', '1', { 'if-none-match': '*' });
    expect((await project.run({ operations: [{ head: { key: 'k' } }] })).status).to.equal(200);
    const body = JSON.stringify({ name: 'writer', scopes: ['write', 'delete', 'list'] });
    const { data } = (await project.send('POST', 'api-keys', { body })).json;
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${data.key}` };
    const refused = await project.send('POST', 'transactions', {
      body: '{"operations":[{"head":{"key":"k"}}]}',
      headers,
    });
    expect([refused.status, refused.json.error.required_scope]).to.deep.equal([403, 'read']);
  });
});

async function checkReads(project: TestProject, value: Uint8Array, type: string): Promise<void> {
  const since = await put(project, value, type);
  const reads = await Promise.all(VIEWS.map((view) => readAll(project, since, view)));
  for (const { bytes, content_type } of reads.flat()) {
    expect([bytes.toString('hex'), content_type]).to.deep.equal([Buffer.from(value).toString('hex'), type]);
  }
}

async function readsOf(project: TestProject, value: Uint8Array, type: string, view: string): Promise<ReadItem[]> {
  return readAll(project, await put(project, value, type), view);
}

/** Stores a value and returns a token from before. */
async function put(project: TestProject, value: Uint8Array, type: string): Promise<string> {
  const { since } = (await project.send('GET', 'changes?wait=0')).json.data;
  await project.put('k', value, { 'content-type': type });
  return since;
}

/** Reads the entry in every way that reads many. */
async function readAll(project: TestProject, since: string, view: string): Promise<ReadItem[]> {
  const as = view === '' ? '' : `&as=${view}`;
  const get = { key: 'k', ...(view === '' ? {} : { as: view }) };
  const responses = await Promise.all([
    project.send('GET', `store?prefix=k${as}`),
    project.send('GET', `latest?key=k${as}`),
    project.send('GET', `changes?include=value&since=${since}&wait=0${as}`),
    project.run({ operations: [{ get }] }),
  ]);
  return [...responses.map(({ text }) => itemOf(text)), itemOf(await streamed(project, since, as))];
}

async function streamed(project: TestProject, since: string, as: string): Promise<string> {
  const url = `${project.server.address}/api/v1/projects/${project.id}/changes?include=value&since=${since}${as}`;
  const reader = await EventStreamReader.open(url, project.key);
  const events = await reader.until('put');
  reader.close();
  return (events.at(-1) as (typeof events)[number]).text;
}
