import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect } from 'chai';
import { PortkvProcess } from '../../harness/portkv-process.js';
import { generateExportLines } from './generated-export.js';

/** A million on request: COPY_ENTRIES=1000000. */
const ENTRIES = Number(process.env.COPY_ENTRIES ?? 200_000);
/** With an engine that keeps all entries in memory, such as COPY_ENGINE=json-file, they add to what is measured. */
const ENGINE = process.env.COPY_ENGINE ?? 'lmdb';
const FEW = 60_000;
const PROJECT = '/api/v1/projects/p';
const MIB = 1024 * 1024;

describe(`Copies of ${ENTRIES} entries of ${ENGINE}`, () => {
  let folder: string;
  let server: PortkvProcess;
  let address: string;
  let key = '';

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    server = new PortkvProcess(folder);
    address = await server.ready();
    const body = JSON.stringify({ id: 'p', storage: { engine: ENGINE } });
    const created = await send('POST', '/api/v1/projects', server.printed('SYSTEM_KEY'), [body]);
    key = JSON.parse(created.text).data.new_api_key;
  });
  after(async () => {
    server.kill('SIGKILL');
    await server.end();
    await rm(folder, { recursive: true, force: true });
  });

  it('need no more memory than copies of few entries', async () => {
    // First with few entries, so that what is created at the first use does not count: no more than `lmdb` copies at a
    // time, with what waits meanwhile.
    const few = await peakOf(() => through(FEW));
    const many = await peakOf(() => through(ENTRIES));
    console.log(
      `        ${Math.round(few / MIB)} MiB with ${FEW} entries, ${Math.round(many / MIB)} MiB with ${ENTRIES}`,
    );
    if (ENGINE === 'lmdb') expect(many - few).to.be.below(100 * MIB);
  }).timeout(ENTRIES * 3 + 60_000);

  async function through(count: number): Promise<void> {
    for (const mode of ['replace', 'merge']) {
      const { status, text } = await send(
        'POST',
        `${PROJECT}/import?mode=${mode}`,
        key,
        generateExportLines('p', mode, count),
      );
      expect(status, text).to.equal(200);
      expect(JSON.parse(text).data.put).to.equal(count);
    }
    const exported = await send('GET', `${PROJECT}/export`, key);
    expect(exported.lines).to.equal(count + 2);
    const taken = await send('POST', `${PROJECT}/snapshots`, key);
    expect(taken.status, taken.text).to.equal(201);
    const restored = await send('POST', `${PROJECT}/snapshots/${JSON.parse(taken.text).data.id}/restore`, key);
    expect(JSON.parse(restored.text).data.count).to.equal(count);
    expect((await send('DELETE', `${PROJECT}/store`, key)).status).to.equal(200);
  }

  /** The most memory, without mapped files, that the server has during a task, in bytes. */
  async function peakOf(task: () => Promise<void>): Promise<number> {
    let peak = 0;
    const watch = setInterval(async () => {
      const status = await readFile(`/proc/${server.child.pid}/status`, 'utf8');
      peak = Math.max(peak, Number(/RssAnon:\s+(\d+)/.exec(status)?.[1]) * 1024);
    }, 20);
    await task();
    clearInterval(watch);
    return peak;
  }

  /** Sends the pieces as a stream; of a long response only the lines are counted. */
  async function send(method: string, path: string, secret: string, pieces: Iterable<string> = []) {
    const headers = { 'x-api-key': secret, 'content-type': 'application/json' };
    const sent = request(address + path, { method, headers });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      sent.on('response', resolve);
      sent.on('error', reject);
    });
    await pipeline(Readable.from(pieces), sent);
    const response = await answered;
    let [lines, text] = [0, ''];
    for await (const chunk of response) {
      for (const byte of chunk as Buffer) if (byte === 10) lines += 1;
      if (text.length < 10_000) text += chunk;
    }
    return { status: response.statusCode, text, lines };
  }
});
