import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import type { ActiveWatches } from '../../../../../src/application/changes/active-watches.js';
import { Keyspace } from '../../../../../src/application/keyspace/keyspace.js';
import { Versions } from '../../../../../src/application/keyspace/versions.js';
import type { Batch } from '../../../../../src/application/ports/store.js';
import { SwappableStore } from '../../../../../src/application/stores/swappable-store.js';
import { anonymousOf } from '../../../../../src/domain/api-key.js';
import { MemoryStore } from '../../../../../src/infrastructure/storage/building-blocks/memory-store.js';
import { SseStreams } from '../../../../../src/interfaces/rest/changes/sse-streams.js';

const clock = { now: () => Date.now() };
const everybody = { add: () => undefined, remove: () => undefined } as unknown as ActiveWatches;
const all = { prefix: '', keys: undefined };

/** Commits at random moments, so that later writes may end first. */
class UnsteadyStore extends MemoryStore {
  override async commit(batch: Batch): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
    return super.commit(batch);
  }
}

describe('EventStreams', () => {
  const open: PassThrough[] = [];
  afterEach(() => {
    for (const out of open.splice(0)) out.destroy();
  });

  it('tell the changes of concurrent writers in the order of versions, although they end in any other', async () => {
    const keyspace = keyspaceOver(new UnsteadyStore());
    const [stream] = [opened(keyspace)];
    const ended: number[] = [];
    const write = async (writer: number) => {
      for (let i = 0; i < 20; i++) ended.push(await put(keyspace, `${writer}-${i}`));
    };
    await Promise.all(Array.from({ length: 8 }, (_, writer) => write(writer)));
    const versions = idsOf(await told(stream, 161)).slice(1);
    expect(versions).to.have.length(160);
    expect(versions).to.deep.equal([...versions].sort());
    expect(ended).not.to.deep.equal([...ended].sort((a, b) => a - b));
  });

  it('leave nothing out and tell nothing twice to one that comes between a change and its telling', async () => {
    const keyspace = keyspaceOver(new MemoryStore());
    const early = opened(keyspace);
    const before = put(keyspace, 'before');
    await before;
    const late = opened(keyspace);
    await put(keyspace, 'after');
    await moment();
    await put(keyspace, 'last');
    expect(keysOf(await told(early, 4))).to.deep.equal(['before', 'after', 'last']);
    expect(keysOf(await told(late, 3))).to.deep.equal(['after', 'last']);
  });

  it('give a beat with a token to those who are told nothing', async () => {
    const keyspace = keyspaceOver(new MemoryStore());
    const stream = opened(keyspace, { filter: { prefix: 'other', keys: undefined }, beat: 30 });
    const ready = idsOf(textOf(stream))[0];
    await put(keyspace, 'key');
    await new Promise((resolve) => setTimeout(resolve, 100));
    const text = textOf(stream);
    expect(text).to.match(/^(:\nid: \S+\n\n)+$/);
    const token = idsOf(text).at(-1) as string;
    expect(token).not.to.equal(ready);
    expect(keyspace.changes.positionOf(token)).to.equal(keyspace.changes.position);
  });

  it('keep no more for a reader that takes nothing than a bounded piece', async () => {
    const keyspace = keyspaceOver(new MemoryStore());
    const [stuck, other] = [opened(keyspace, { values: true }), opened(keyspace, { values: true })];
    for (let i = 0; i < 100; i++) {
      await put(keyspace, `k${i}`, 10_000);
      await moment();
      textOf(other);
    }
    expect(stuck.writableLength + stuck.readableLength).to.be.below(200_000);
    expect(keysOf(await told(stuck, 101))).to.have.length(100);
  });

  it('end when the project is not served any more', async () => {
    const keyspace = keyspaceOver(new MemoryStore());
    const before = opened(keyspace);
    await keyspace.close();
    expect(before.writableEnded).to.equal(true);
    expect(opened(keyspace).writableEnded).to.equal(true);
  });

  function opened(keyspace: Keyspace, { filter = all, values = false, beat = 60_000 } = {}): PassThrough {
    const out = new PassThrough();
    open.push(out);
    streamsOf(keyspace, beat).open({ keyspace, caller: anonymousOf('p'), filter, values }, undefined, out);
    return out;
  }
});

const known = new WeakMap<Keyspace, SseStreams>();

function streamsOf(keyspace: Keyspace, beat: number): SseStreams {
  const streams = known.get(keyspace) ?? new SseStreams(everybody, beat);
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

/** Answers the version. */
function put(keyspace: Keyspace, key: string, size = 1): Promise<number> {
  return keyspace.write([key], (_, { now, version }) => {
    const times = { createdAt: now, updatedAt: now };
    const entry = { key, value: Buffer.alloc(size, 'x'), contentType: 'text/plain', version: version(), ...times };
    return { result: entry.version, put: [entry] };
  });
}

/** Long enough for what changed to be told, as a rule. */
function moment(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 30));
}

/** What the reader is told until it has so many ids, or nothing more comes for seconds. */
async function told(out: PassThrough, ids: number): Promise<string> {
  let text = textOf(out);
  for (let tries = 0; tries < 100 && idsOf(text).length < ids; tries++) {
    await moment();
    text += textOf(out);
  }
  return text;
}

/** What the stream holds for its reader. */
function textOf(out: PassThrough): string {
  return out.read()?.toString() ?? '';
}

function idsOf(text: string): string[] {
  return [...text.matchAll(/^id: (\S+)$/gm)].map(([, id]) => id as string);
}

function keysOf(text: string): string[] {
  return [...text.matchAll(/"key":"([^"]*)"/g)].map(([, key]) => key as string);
}
