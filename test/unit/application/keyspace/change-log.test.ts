import { expect } from 'chai';
import { ChangeLog } from '../../../../src/application/keyspace/change-log/change-log.js';
import { readChanges } from '../../../../src/application/keyspace/change-log/read-changes.js';
import type { Change } from '../../../../src/domain/change.js';

const all = { prefix: '', keys: undefined };

describe('ChangeLog', () => {
  it('reports changes in the order of versions, whichever write ends first', () => {
    const { log, reported } = logWithListener();
    const [first, second, third] = [log.begin(1), log.begin(2), log.begin(3)];
    log.end(third, [put(3)]);
    log.end(second, []);
    expect(reported).to.deep.equal([]);
    log.end(first, [put(1)]);
    expect(reported).to.deep.equal([1, 3]);
  });

  it('returns the changes after a token, without values', () => {
    const { log } = logWithListener();
    write(log, put(1), put(2), put(3));
    const position = log.positionOf(log.tokenOf(1));
    expect(position).to.equal(1);
    expect(log.after(1, 10)?.map(({ version }) => version)).to.deep.equal([2, 3]);
    expect(log.after(1, 10)?.[0]).not.to.have.property('entry');
    expect(log.after(3, 10)).to.deep.equal([]);
  });

  it('rejects a token of another log, one from the future, and any other text', () => {
    const { log } = logWithListener();
    write(log, put(5));
    for (const token of [new ChangeLog().tokenOf(0), log.tokenOf(6), '', '-', 'x', `${log.tokenOf(5)}!`]) {
      expect(log.positionOf(token), token).to.equal(undefined);
    }
  });

  it('forgets the oldest changes, and reports that', () => {
    const { log } = logWithListener();
    const most = 20_000;
    for (let version = 1; version <= most + 1; version++) write(log, put(version));
    expect(log.after(1, 10)).to.equal(undefined);
    expect(log.positionOf(log.tokenOf(1))).to.equal(undefined);
    const known = readChanges(log, all, most - 5_000, most);
    expect(known?.changes).to.have.length(5_001);
  });

  it('keeps nothing until the first reader', () => {
    const log = new ChangeLog();
    write(log, put(1), put(2));
    expect(log.after(1, 10)).to.equal(undefined);
    expect(log.position).to.equal(2);
    write(log, put(3));
    expect(log.after(2, 10)?.map(({ version }) => version)).to.deep.equal([3]);
  });

  it('reports a gap, in its place, for a write that is too large', () => {
    const { log, reported } = logWithListener();
    write(log, put(1));
    const [before, large] = [log.begin(2), log.begin(50)];
    log.endWithGap(large, 50);
    log.end(before, [put(2)]);
    write(log, put(51));
    expect(reported).to.deep.equal([1, 2, 'lost', 51]);
    expect(log.positionOf(log.tokenOf(2))).to.equal(undefined);
    expect(log.positionOf(log.tokenOf(50))).to.equal(50);
  });

  it('keeps a bounded amount while a write does not end', () => {
    const { log, reported } = logWithListener();
    const [stuck, running] = [log.begin(1), log.begin(2)];
    for (let version = 3; version < 60; version++) write(log, put(version, 1024 * 1024));
    log.end(running, [put(2)]);
    log.end(stuck, [put(1)]);
    write(log, put(60));
    expect(reported[0]).to.equal(1);
    expect(reported[1]).to.equal(2);
    expect(reported[2]).to.equal('lost');
    expect(reported.at(-1)).to.equal(60);
    expect(reported.filter((one) => one === 'lost')).to.have.length(1);
  });
});

function logWithListener(): { log: ChangeLog; reported: (number | 'lost')[] } {
  const log = new ChangeLog();
  const reported: (number | 'lost')[] = [];
  log.subscribe({
    changed: (changes) => reported.push(...changes.map(({ version }) => version)),
    overflowed: () => reported.push('lost'),
    closed: () => undefined,
  });
  return { log, reported };
}

function write(log: ChangeLog, ...changes: Change[]): void {
  log.end(log.begin(changes[0]?.version ?? 0, changes.at(-1)?.version), changes);
}

function put(version: number, sizeBytes = 0): Change {
  const entry = { key: 'k', value: Buffer.alloc(0), contentType: '', version, createdAt: 0, updatedAt: 0 };
  return { event: 'put', key: 'k', version, sizeBytes, entry };
}
