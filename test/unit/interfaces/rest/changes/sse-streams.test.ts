import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import type { ActiveWatches } from '../../../../../src/application/changes/active-watches.js';
import { Keyspace } from '../../../../../src/application/keyspace/keyspace.js';
import { Versions } from '../../../../../src/application/keyspace/versions.js';
import type { Batch } from '../../../../../src/application/ports/store.js';
import { SwappableStore } from '../../../../../src/application/stores/swappable-store.js';
import { anonymousOf } from '../../../../../src/domain/api-key.js';
import type { ValueView } from '../../../../../src/domain/value.js';
import { MemoryStore } from '../../../../../src/infrastructure/storage/building-blocks/memory-store.js';
import { SseStreams } from '../../../../../src/interfaces/rest/changes/sse-streams.js';

const clock = { now: () => Date.now() };
const watches = { add: () => undefined, remove: () => undefined } as unknown as ActiveWatches;
const all = { prefix: '', keys: undefined };

/** Commits after random times, so that later writes may end first. */
class UnsteadyStore extends MemoryStore {
  override async commit(batch: Batch): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
    return super.commit(batch);
  }
}

describe('SseStreams', () => {
  const open: PassThrough[] = [];
  afterEach(() => {
    for (const out of open.splice(0)) out.destroy();
  });

  it('report the changes of concurrent writers in the order of versions, even if they end in another', async () => {
    const keyspace = keyspaceOver(new UnsteadyStore());
    const [stream] = [openStream(keyspace)];
    const ended: number[] = [];
    const write = async (writer: number) => {
      for (let i = 0; i < 20; i++) ended.push(await put(keyspace, `${writer}-${i}`));
    };
    await Promise.all(Array.from({ length: 8 }, (_, writer) => write(writer)));
    const versions = idsOf(await readUntil(stream, 161)).slice(1);
    expect(versions).to.have.length(160);
    expect(versions).to.deep.equal([...versions].sort());
    expect(ended).not.to.deep.equal([...ended].sort((a, b) => a - b));
  });

  it('report each change once to a stream that is opened between a change and its report', async () => {
    const keyspace = keyspaceOver(new MemoryStore());
    const early = openStream(keyspace);
    const before = put(keyspace, 'before');
    await before;
    const late = openStream(keyspace);
    await put(keyspace, 'after');
    await shortTime();
    await put(keyspace, 'last');
    expect(keysOf(await readUntil(early, 4))).to.deep.equal(['before', 'after', 'last']);
    expect(keysOf(await readUntil(late, 3))).to.deep.equal(['after', 'last']);
  });

  it('send a heartbeat with a token to streams without changes', async () => {
    const keyspace = keyspaceOver(new MemoryStore());
    const stream = openStream(keyspace, { filter: { prefix: 'other', keys: undefined }, beat: 30 });
    const ready = idsOf(textOf(stream))[0];
    await put(keyspace, 'key');
    await new Promise((resolve) => setTimeout(resolve, 100));
    const text = textOf(stream);
    expect(text).to.match(/^(:\nid: \S+\n\n)+$/);
    const token = idsOf(text).at(-1) as string;
    expect(token).not.to.equal(ready);
    expect(keyspace.changes.positionOf(token)).to.equal(keyspace.changes.position);
  });

  it('buffer a bounded amount for a reader that reads nothing', async () => {
    const keyspace = keyspaceOver(new MemoryStore());
    const [stuck, other] = [openStream(keyspace, { view: 'auto' }), openStream(keyspace, { view: 'auto' })];
    for (let i = 0; i < 100; i++) {
      await put(keyspace, `k${i}`, 10_000);
      await shortTime();
      textOf(other);
    }
    expect(stuck.writableLength + stuck.readableLength).to.be.below(200_000);
    expect(keysOf(await readUntil(stuck, 101))).to.have.length(100);
  });

  it('send every change once, in order, to streams that fell behind together', async () => {
    const keyspace = keyspaceOver(new MemoryStore());
    const streams = [openStream(keyspace), openStream(keyspace), openStream(keyspace)];
    const some = openStream(keyspace, { filter: { prefix: 'k1', keys: undefined } });
    const keys = Array.from({ length: 4000 }, (_, i) => `k${i}`);
    for (const [i, key] of keys.entries()) {
      await put(keyspace, key);
      if (i % 500 === 0) await shortTime();
    }
    expect(streams.map((stream) => stream.writableNeedDrain)).to.deep.equal([true, true, true]);
    for (const stream of streams) expect(keysOf(await readUntil(stream, 4001))).to.deep.equal(keys);
    expect(keysOf(await readUntil(some, 1112))).to.deep.equal(keys.filter((key) => key.startsWith('k1')));
  });

  it('end when the project is closed', async () => {
    const keyspace = keyspaceOver(new MemoryStore());
    const before = openStream(keyspace);
    await keyspace.close();
    expect(before.writableEnded).to.equal(true);
    expect(openStream(keyspace).writableEnded).to.equal(true);
  });

  function openStream(
    keyspace: Keyspace,
    { filter = all, view = undefined as ValueView | undefined, beat = 60_000 } = {},
  ): PassThrough {
    const out = new PassThrough();
    open.push(out);
    const { position } = keyspace.changes;
    streamsOf(keyspace, beat).open({ keyspace, caller: anonymousOf('p'), filter, view }, position, out);
    return out;
  }
});

const known = new WeakMap<Keyspace, SseStreams>();

function streamsOf(keyspace: Keyspace, beat: number): SseStreams {
  const streams = known.get(keyspace) ?? new SseStreams(watches, beat);
  known.set(keyspace, streams);
  return streams;
}

function keyspaceOver(store: MemoryStore): Keyspace {
  const live = new SwappableStore(store);
  const rules = { maxValueBytes: 1e6, requireConditional: false, check: () => undefined };
  const versions = new Versions(clock, 1, async () => undefined);
  return new Keyspace(
    'p',
    live,
    live,
    clock,
    versions,
    rules as unknown as Keyspace['rules'],
    {} as Keyspace['staging'],
  );
}

/** Writes a key, and resolves with the version. */
async function put(keyspace: Keyspace, key: string, size = 1): Promise<number> {
  return keyspace.write([key], (_, { now, version }) => {
    const times = { createdAt: now, updatedAt: now };
    const entry = { key, value: Buffer.alloc(size, 'x'), contentType: 'text/plain', version: version(), ...times };
    return { result: entry.version, put: [entry] };
  });
}

/** Long enough for a change to be reported, as a rule. */
function shortTime(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 30));
}

/** What a stream sends until there are so many ids, or nothing more for seconds. */
async function readUntil(out: PassThrough, ids: number): Promise<string> {
  let text = textOf(out);
  for (let tries = 0; tries < 100 && idsOf(text).length < ids; tries++) {
    await shortTime();
    text += textOf(out);
  }
  return text;
}

/** What the stream has buffered for its reader. */
function textOf(out: PassThrough): string {
  return out.read()?.toString() ?? '';
}

function idsOf(text: string): string[] {
  return [...text.matchAll(/^id: (\S+)$/gm)].map(([, id]) => id as string);
}

function keysOf(text: string): string[] {
  return [...text.matchAll(/"key":"([^"]*)"/g)].map(([, key]) => key as string);
}
