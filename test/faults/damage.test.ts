import { cp, open, readdir, readFile, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { DataSet, DURABLE, type Subject } from './data-set.js';
import { Ledger } from './ledger.js';
import { report } from './seed.js';
import { ServerProcess } from './server-process.js';
import { change, nextValue, readAll, type Tested } from './workload.js';

/** Files that people may edit, without a checksum: a damaged value in one cannot be told from an edited one. */
const EDITABLE = ['json-file', 'directory'];
const PAGE = 4096;

const DAMAGES: Readonly<Record<string, (file: string) => Promise<void>>> = {
  'is deleted': (file) => rm(file),
  'is cut in the middle': async (file) => truncate(file, Math.floor((await stat(file)).size / 2)),
  'is empty': (file) => truncate(file, 0),
  'has a flipped byte in its first page': (file) => flip(file, () => 20),
  'has a flipped byte in its middle page': (file) => flip(file, (size) => Math.floor(size / 2)),
  'has a flipped byte in its last page': (file) => flip(file, (size) => Math.max(0, size - PAGE / 2)),
};

describe('A data file', function () {
  this.timeout(0);

  for (const subject of DURABLE) {
    it(`that is damaged at rest closes its project or serves what is right, and nothing is overwritten: ${subject.id}`, async () => {
      const hit = { ...subject, id: 'hit' };
      const bystander = { id: 'bystander', engine: 'json-file', durable: true, encrypted: false };
      const set = await DataSet.make([hit, bystander]);
      const tested = await fill(set);
      const figures = { damages: 0, refused: 0, 'served right': 0, 'one entry differs': 0 };
      await cp(set.data, `${set.data}.sound`, { recursive: true, preserveTimestamps: true });
      for (const [what, damage] of Object.entries(DAMAGES)) {
        const file = await dataFile(set);
        await damage(file);
        const damaged = await readFile(file).catch(() => undefined);
        const came = await look(set, hit, tested, file);
        figures.damages += 1;
        figures[came] += 1;
        const after = await readFile(file).catch(() => undefined);
        const same = damaged === undefined ? after === undefined : after?.equals(damaged);
        if (came === 'refused') expect(same, `${what}: the file is as it was`).to.equal(true);
        await rm(set.data, { recursive: true });
        await cp(`${set.data}.sound`, set.data, { recursive: true, preserveTimestamps: true });
      }
      report(figures);
      await set.remove();
    });
  }
});

async function fill(set: DataSet): Promise<Tested> {
  const server = await ServerProcess.start(set);
  await server.ready();
  const tested: Tested = { id: 'hit', ledger: new Ledger(), wrong: [] };
  for (let i = 0; i < 60; i++) await change(server, tested, 'PUT', `own-${i}`, nextValue());
  tested.wrong.push(...tested.ledger.settle(await readAll(server, tested)));
  expect(tested.wrong).to.deep.equal([]);
  await server.kill('SIGTERM');
  return tested;
}

/** What a start makes of a damaged file. */
async function look(set: DataSet, hit: Subject, tested: Tested, file: string) {
  const server = await ServerProcess.start(set);
  const beside = await server.send('PUT', 'bystander/values/other', { body: 'x' });
  expect(beside.status, 'the others are served').to.be.oneOf([201, 204]);
  try {
    // Cut off where a value in the middle of a list turns out to be damaged.
    const all = await server.send('GET', 'hit/store').catch(() => undefined);
    if (all === undefined) {
      // The log of another process comes when it comes.
      for (let i = 0; i < 100 && !server.log.includes('cut off'); i++) await sleep(20);
      expect(server.log).to.include('an answer was cut off');
      return 'refused' as const;
    }
    const { status, json, text } = all;
    if (status === 503) {
      const named = text.includes(file) || server.log.includes(file) || text.includes('authenticate');
      expect(named, `${text} names ${file}`).to.equal(true);
      return 'refused' as const;
    }
    expect(status, text).to.equal(200);
    const found = new Map(
      Object.entries(json.data).map(([key, item]) => [key, `${(item as { value: unknown }).value}`]),
    );
    const wrong = tested.ledger.differences(found);
    if (wrong.length === 0) return 'served right' as const;
    expect(EDITABLE, `${hit.engine}: ${wrong}`).to.include(hit.engine);
    expect(wrong).to.have.length(1);
    return 'one entry differs' as const;
  } finally {
    await server.kill();
  }
}

/** The largest file that holds data of the project. */
async function dataFile(set: DataSet): Promise<string> {
  let largest = { path: '', size: -1 };
  for (const entry of await readdir(set.data, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const isData = entry.isFile() && path.slice(set.data.length).startsWith('/hit') && !/placement|lock/.test(path);
    const size = isData ? (await stat(path)).size : -1;
    if (size > largest.size) largest = { path, size };
  }
  return largest.path;
}

async function flip(path: string, place: (size: number) => number): Promise<void> {
  const file = await open(path, 'r+');
  const at = place((await file.stat()).size);
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
  await file.write(Buffer.from([(buffer[0] ?? 0) ^ 0x04]), 0, 1, at);
  await file.close();
}
