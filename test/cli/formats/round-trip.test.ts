import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ExportedEntry } from '../../../src/domain/export/export-line.js';
import { entryLine, headerLine, trailerLine } from '../../../src/domain/export/write-line.js';
import { shaDigest } from '../../../src/infrastructure/security/sha-digest.js';
import { EXPORT_FORMATS } from '../../../src/interfaces/cli/transfer/formats/format.js';
import { formatEntries } from '../../fuzz/generators/format-entries.js';
import { checkAsyncProperty, seeded } from '../../fuzz/harness/properties.js';
import { contents } from '../../harness/export-content.js';
import { runPortkv } from '../../harness/portkv-command.js';
import { runHere } from '../../harness/portkv-here.js';
import { TestServer } from '../../harness/test-server.js';

describe(seeded('portkv export and import'), () => {
  let server: TestServer;
  let folder: string;
  let keys: Record<'from' | 'to', string>;

  before(async () => {
    server = await TestServer.start();
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    keys = { from: await server.project('from'), to: await server.project('to') };
  });
  after(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  for (const format of EXPORT_FORMATS) {
    it(`bring back every entry through ${format}, which import finds on its own`, async () => {
      await checkAsyncProperty(10, formatEntries, async (entries) => {
        const file = join(folder, 'file');
        await fill(entries);
        await run('from', ['export', 'from', file, '--format', format]);
        const isKnown = entries.length > 0 || format === 'ndjson' || format === 'csv';
        await run('to', ['import', 'to', file, '--mode', 'replace', ...(isKnown ? [] : ['--format', format])]);
        expect(await stored('to')).to.deep.equal(await stored('from'));
      });
    });
  }

  it('are one pipe, through standard output and input', async () => {
    await fill([
      { key: 'a', value: Buffer.from('1.0'), contentType: 'x/y', createdAt: undefined, updatedAt: undefined },
    ]);
    const out = await runPortkv(['export', 'from', '--format', 'csv', '--url', server.address, '--key', keys.from]);
    expect(out.out).to.match(/^key,value,encoding,content_type,created_at,updated_at,expires_at,meta\r\na,1\.0,,x\/y,/);
    const back = await runPortkv(
      ['import', 'to', '-', '--url', server.address, '--key', keys.to],
      {},
      undefined,
      out.out,
    );
    expect(back.code, back.errors).to.equal(0);
  });

  it('write JSON as people write it', async () => {
    const entry = (key: string, text: string, contentType: string) =>
      ({ key, value: Buffer.from(text), contentType, createdAt: undefined, updatedAt: undefined }) as const;
    await fill([
      entry('a', '{"n": 1.0}', 'application/json'),
      entry('b', 'hello', 'text/plain; charset=utf-8'),
      entry('c', '"quoted"', 'application/json'),
    ]);
    const file = join(folder, 'plain.json');
    await run('from', ['export', 'from', file, '--format', 'json']);
    expect(await readFile(file, 'utf8')).to.equal(
      '{\n"a": {"n": 1.0},\n"b": "hello",\n"c": {"$portkv": {"content_type":"application/json","json":"quoted"}}\n}\n',
    );
  });

  it('refuse to resume an export in another format', async () => {
    const args = ['export', 'from', join(folder, 'x'), '--format', 'csv', '--resume'];
    const { code, errors } = await runHere([...args, '--url', server.address, '--key', keys.from]);
    expect(code).to.equal(2);
    expect(errors).to.include("--resume is for PortKV's own format");
  });

  async function fill(entries: readonly ExportedEntry[]): Promise<void> {
    const lines = [headerLine({ project: 'from', at: 0 }), ...entries.map(entryLine)].join('');
    const digest = shaDigest();
    digest.update(Buffer.from(lines));
    const file = join(folder, 'filled.ndjson');
    await writeFile(file, lines + trailerLine({ count: entries.length, sha256: digest.hex() }));
    await run('from', ['import', 'from', file, '--mode', 'replace']);
  }

  async function run(project: 'from' | 'to', args: readonly string[]): Promise<void> {
    const { code, errors } = await runHere([...args, '--url', server.address, '--key', keys[project]]);
    expect(code, errors).to.equal(0);
  }

  /** Without the times at which entries were made and changed, which plain JSON does not have. */
  async function stored(project: 'from' | 'to'): Promise<object[]> {
    const { status, text } = await server.call('GET', `${project}/export`, { key: keys[project] });
    return contents({ status, bytes: Buffer.from(text) }).map(({ created_at, updated_at, ...entry }) => entry);
  }
});
