import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { contents } from '../../harness/export-content.js';
import { type CommandOutput, runHere } from '../../harness/portkv-here.js';
import { TestServer } from '../../harness/test-server.js';

const SAMPLES = join(import.meta.dirname, '../../../../test/cli/formats/samples');
const STORES = join(import.meta.dirname, '../../../../test/compat/simple-pykv-data/storage_data');
const JSON_TYPE = 'application/json';
const TEXT = 'text/plain; charset=utf-8';
const BYTES = 'application/octet-stream';
const LATER = 4102444800;

/** By key: the value, its content type and, if it expires, when. */
type Expected = Readonly<
  Record<string, readonly [value: string | Buffer, type: string, expires?: number | 'in an hour']>
>;

const PNG = Buffer.from('iVBORw0KGgo=', 'base64');

const FILES: readonly (readonly [file: string, format: string, entries: Expected])[] = [
  [
    'plain.json',
    'json',
    {
      text: ['hello', TEXT],
      digits: ['123', TEXT],
      number: ['106242075399214372653.10', JSON_TYPE],
      object: ['{"b": [1.0, null],  "a": {}}', JSON_TYPE],
      $odd: [PNG, 'image/png', LATER],
    },
  ],
  [
    'table.csv',
    'csv',
    {
      plain: ['hello', TEXT],
      'quoted "key"': ['a,b\r\nc', 'text/plain', LATER + 0.5],
      number: ['1.0', JSON_TYPE],
    },
  ],
  ['table.tsv', 'tsv', { a: ['"kept"\\t', TEXT], b: ['{"n": 1}', JSON_TYPE] }],
  [
    'sample.env',
    'dotenv',
    {
      NODE_ENV: ['production', TEXT],
      PORT: ['8080', JSON_TYPE],
      EMPTY: ['', TEXT],
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it must stay as it is
      SINGLE: ['no ${EXPANSION} \\n here', TEXT],
      DOUBLE: ['two\nlines, a "quote" and a # sign', TEXT],
      KEY: ['-----BEGIN KEY-----\nabc\n-----END KEY-----', TEXT],
      URL: ['http://example.com/#part', TEXT],
    },
  ],
  [
    'bulk.json',
    'wrangler',
    {
      greeting: ['hello', TEXT],
      'user:1': ['{"name":"Ada","n":1.0}', JSON_TYPE, LATER],
      logo: [PNG, BYTES],
      soon: ['', TEXT, 'in an hour'],
    },
  ],
  [
    'consul.json',
    'consul',
    { 'config/': ['', TEXT], 'config/max': ['10', JSON_TYPE], 'config/blob': [Buffer.from([255, 0, 254]), BYTES] },
  ],
  [
    'redis-dump.json',
    'redis-json',
    {
      counter: ['42', JSON_TYPE],
      'session:1': ['žluťoučký', TEXT, 'in an hour'],
      'user:1': ['{"fname":"Ron","sname":"Bumquist"}', JSON_TYPE],
      scores: ['[["alice","1.5"],["bob","2"]]', JSON_TYPE],
    },
  ],
  [
    'rdb.json',
    'redis-json',
    {
      user003: ['{"fname":"Ron","sname":"Bumquist"}', JSON_TYPE],
      lizards: ['["Bush anole","Jackson\'s chameleon"]', JSON_TYPE],
      name: ['text', TEXT],
    },
  ],
  [
    'keyv.json',
    'keyv',
    {
      'keyv:a': ['{"value":"bar","expires":null}', JSON_TYPE],
      'keyv:b': ['{"value":{"n":1.0},"expires":4102444800000}', JSON_TYPE, LATER],
    },
  ],
  [
    join(STORES, 'notes_store.json'),
    'simple-pykv',
    {
      greeting: ['hello', TEXT],
      config: ['{"theme":"dark","sizes":[1,2.5,1000.0],"nested":{"ok":true,"none":null}}', JSON_TYPE],
      big: ['{"n":106242075399214372653}', JSON_TYPE],
      unicode: ['žluťoučký kůň 🐎', TEXT],
      'a b:c': ['odd key', TEXT],
      count: ['41', JSON_TYPE],
      flag: ['true', JSON_TYPE],
    },
  ],
];

describe('portkv import of files of other programs', () => {
  let server: TestServer;
  let folder: string;
  let projects = 0;
  let project: string;
  let key: string;

  before(async () => {
    server = await TestServer.start();
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
  });
  beforeEach(async () => {
    project = `formats-${++projects}`;
    key = await server.project(project);
  });
  after(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  for (const [file, format, entries] of FILES) {
    it(`finds that ${file.replace(/.*\//, '')} is ${format}, and keeps values, types and expiry exactly`, async () => {
      const before = Date.now() / 1000;
      const { code, errors } = await imported(resolve(SAMPLES, file));
      expect(code, errors).to.equal(0);
      expect(errors).to.include(`is read as ${format}`);
      await expectEntries(entries, before);
    });
  }

  async function imported(file: string, ...options: string[]): Promise<CommandOutput> {
    return runHere(['import', project, file, '--url', server.address, '--key', key, ...options]);
  }

  async function exportedEntries(): Promise<Record<string, unknown>[]> {
    const { status, text } = await server.call('GET', `${project}/export`, { key });
    return contents({ status, bytes: Buffer.from(text) });
  }

  async function expectEntries(entries: Expected, before: number): Promise<void> {
    const stored = await exportedEntries();
    expect(stored.map((entry) => entry.key)).to.have.members(Object.keys(entries));
    for (const [name, [value, type, expires]] of Object.entries(entries)) {
      const response = await fetch(
        `${server.address}/api/v1/projects/${project}/values?key=${encodeURIComponent(name)}`,
        { headers: { authorization: `Bearer ${key}` } },
      );
      expect(Buffer.from(await response.arrayBuffer()).toString('latin1'), name).to.equal(
        Buffer.from(value).toString('latin1'),
      );
      const { content_type, expires_at } = stored.find((entry) => entry.key === name) ?? {};
      expect(content_type, name).to.equal(type);
      if (expires === 'in an hour') expect(expires_at).to.be.within(before + 3600, Date.now() / 1000 + 3600);
      else expect(expires_at, name).to.equal(expires);
    }
  }

  it('keeps the metadata of wrangler and the flags of consul', async () => {
    await imported(join(SAMPLES, 'bulk.json'));
    await imported(join(SAMPLES, 'consul.json'));
    const { text } = await server.call('GET', `${project}/export`, { key });
    expect(text).to.include('"meta":{"by":"ada","n":1.0}').and.include('"meta":{"flags":18446744073709551615}');
    expect(text.match(/"meta"/g)).to.have.length(2);
  });

  it('reads dotenv as node does', async () => {
    const text = await readFile(join(SAMPLES, 'sample.env'), 'utf8');
    // An escaped quote, and a # in a word, are what node reads otherwise than a shell and most other readers.
    const same = text.replace(/^DOUBLE=.*$/m, 'DOUBLE="two\\nlines"').replace('#part', '');
    const file = join(folder, '.env');
    await writeFile(file, same);
    expect((await imported(file)).code).to.equal(0);
    const stored = await Promise.all(
      Object.keys(parseEnv(same)).map(async (name) => {
        const { text: value } = await server.call('GET', `${project}/values?key=${name}`, { key });
        return [name, value];
      }),
    );
    expect(Object.fromEntries(stored)).to.deep.equal({ ...parseEnv(same) });
  });

  it('reads compressed files, and standard input if the format is given', async () => {
    const file = join(folder, 'packed.json.gz');
    await writeFile(file, gzipSync(await readFile(join(SAMPLES, 'consul.json'))));
    const { code, errors } = await imported(file);
    expect(code, errors).to.equal(0);
    expect(errors).to.include('is read as consul').and.include('3 in the file, 3 written');
  });

  it('writes nothing of a file with a mistake, and names file, line and mistake', async () => {
    const mistakes: readonly (readonly [name: string, text: string, message: string])[] = [
      ['a.json', '{"a": 1,\n "b": 01}', 'Line 2: is not JSON'],
      ['b.json', '{"a": 1,\n "b": 2', 'Line 2: is not JSON: it ends too early'],
      ['c.json', '{"a": 1,\n "": 2}', 'Line 2: a key must not be empty'],
      ['d.csv', 'key,value\na,1\nb\n', 'Line 3: has 1 columns, the first row has 2'],
      ['e.csv', 'key,value\na,1\nb,"x\ny', 'Line 3: is not CSV'],
      ['f.csv', 'a,1\n', 'Line 1: has the column "a"'],
      ['g.tsv', 'key\tvalue\na\t1\tx\n', 'Line 2: has 3 columns'],
      ['h.env', 'A=1\nB\n', 'Line 2: is neither NAME=value nor a comment'],
      ['i.env', 'A=1\nB="x\ny\n', 'Line 2: has a quote that is not closed'],
      ['j.json', '[{"key":"a","value":"1"},\n{"key":"b","value":1}]', 'Line 2: has a value that is not a string'],
      ['k.json', '[{"key":"a","flags":0,"value":"1"}]', 'Line 1: has a member base64 that is not base64'],
      ['l.json', '[{\n"a":"1"},{\n"b":"1"}]', 'Line 3: is of another database'],
      ['m.json', '{"a": {"created_at":1,"updated_at":1,"value":1,"x":1}}', 'Line 1: has the unknown member "x"'],
    ];
    for (const [name, text, message] of mistakes) {
      const file = join(folder, name);
      await writeFile(file, text);
      for (const mode of ['merge', 'replace']) {
        const { code, errors } = await imported(file, '--mode', mode);
        expect(errors, name).to.include(`${file}: ${message}`);
        expect(errors.trim().split('\n').length, errors).to.be.at.most(2);
        expect(code, errors).to.equal(2);
      }
    }
    expect(await exportedEntries()).to.deep.equal([]);
  });

  it('names the line in the file of an entry that the server refuses', async () => {
    const { status } = await server.call('PUT', project, {
      key: server.systemKey,
      body: JSON.stringify({ limits: { max_value_bytes: 10 } }),
    });
    expect(status).to.equal(200);
    const file = join(folder, 'large.json');
    await writeFile(file, '{"a": 1,\n\n "b": 12345678901234567890}');
    for (const mode of ['merge', 'replace']) {
      const { code, errors } = await imported(file, '--mode', mode);
      expect(code).to.equal(5);
      expect(errors).to.include(`${file}: Line 3: `);
    }
  });

  it('asks for the format if it is not clear, in one line', async () => {
    for (const [name, text] of [
      ['rows.txt', 'a;1\nb;2\n'],
      ['rows.json', '[{"key":"a","value":"{\\"value\\":1}"}]'],
      ['empty.json', ''],
    ] as const) {
      const file = join(folder, name);
      await writeFile(file, text);
      const { code, errors } = await imported(file);
      expect(code, name).to.equal(2);
      expect(errors).to.match(/^.*: say which with --format, one of .*\n$/);
    }
  });

  it('takes an own export with other line ends and in another order of members, but not a changed one', async () => {
    await server.call('PUT', `${project}/values?key=a`, { key, body: '{"z": 1.0, "a": [1]}' });
    await server.call('PUT', `${project}/values?key=b`, { key, body: 'text' });
    const { text } = await server.call('GET', `${project}/export`, { key });
    const sorted = text.replace(/^\{.*\}$/gm, (line) => {
      const [, json] = /"json":(.*)\}$/.exec(line) ?? [];
      const members = Object.entries(JSON.parse(line)).sort(([one], [other]) => (one < other ? -1 : 1));
      return `{${members.map(([name, member]) => `"${name}":${name === 'json' ? json : JSON.stringify(member)}`)}}`;
    });
    expect(sorted).not.to.equal(text);
    const dry = ['--mode', 'replace', '--dry-run'];
    for (const [name, changed] of [
      ['crlf.ndjson', text.replaceAll('\n', '\r\n')],
      ['sorted.ndjson', sorted],
      ['both.json', sorted.replaceAll('\n', '\r\n')],
    ] as const) {
      const file = join(folder, name);
      await writeFile(file, changed);
      for (const options of [[], dry]) {
        const { code, errors } = await imported(file, ...options);
        expect(code, errors).to.equal(0);
        expect(errors).to.include('2 in the file');
      }
    }
    const file = join(folder, 'changed.ndjson');
    await writeFile(file, sorted.replace('1.0', '1.5'));
    const { code, errors } = await imported(file);
    expect(code).to.equal(2);
    expect(errors).to.include('has another SHA-256 than the lines before it');
    expect((await imported(file, '--no-verify')).code).to.equal(0);
    expect((await server.call('GET', `${project}/values?key=a`, { key })).text).to.equal('{"z": 1.5, "a": [1]}');
  });

  it('takes lines without header and trailer only with --no-verify', async () => {
    const file = join(folder, 'lines.ndjson');
    await writeFile(file, '{"key":"a","json":1}\n\n{"key":"b","text":"two"}\n');
    const refused = await imported(file);
    expect(refused.code).to.equal(2);
    expect(refused.errors).to.include('Line 1: is no header of an export');
    const { code, errors } = await imported(file, '--no-verify');
    expect(code, errors).to.equal(0);
    expect((await exportedEntries()).map((entry) => entry.key)).to.deep.equal(['a', 'b']);
    const other = await imported(join(SAMPLES, 'table.csv'), '--no-verify');
    expect(other.code).to.equal(2);
    expect(other.errors).to.include("--no-verify is for PortKV's own format");
  });

  it('replaces, counts in a dry run, and merges as with its own format', async () => {
    await server.call('PUT', `${project}/values?key=old`, { key, body: '1' });
    const file = join(SAMPLES, 'table.csv');
    expect((await imported(file, '--dry-run')).errors).to.include('3 in the file, 3 written');
    expect(await exportedEntries()).to.have.length(1);
    expect((await imported(file)).code).to.equal(0);
    expect((await imported(file)).errors).to.include('0 written, 3 unchanged');
    expect((await imported(file, '--mode', 'replace')).errors).to.include('1 removed');
    expect(await exportedEntries()).to.have.length(3);
  });
});
