import { expect } from 'chai';
import { ChangeLog } from '../../../../../src/application/keyspace/change-log/change-log.js';
import { type EventPage, EventPages } from '../../../../../src/interfaces/rest/changes/event-pages.js';

const all = { prefix: '', keys: undefined };

/** A log that has changes with these keys, whose versions count from 1, for pages that a test reads. */
function pagesOf(...keys: string[]): { log: ChangeLog; pages: EventPages; add(...more: string[]): void } {
  const log = new ChangeLog();
  // Without a reader no changes are kept.
  let version = log.position;
  const add = (...more: string[]) => {
    for (const key of more) {
      version += 1;
      log.end(log.begin(version), [{ event: 'put', key, version, sizeBytes: 1 }]);
    }
  };
  add(...keys);
  return { log, pages: new EventPages(log), add };
}

function keysIn(page: EventPage | undefined): string[] {
  return [...(page?.chunk.toString() ?? '').matchAll(/"key":"([^"]*)"/g)].map(([, key]) => key as string);
}

const names = (count: number, length = 0) => Array.from({ length: count }, (_, i) => `k${i}`.padEnd(length, '-'));

describe('EventPages', () => {
  it('give all streams that go on from a position the same chunk', () => {
    const { pages } = pagesOf('a', 'b', 'c');
    const page = pages.after('all', all, 1, 3);
    expect(keysIn(page)).to.deep.equal(['b', 'c']);
    expect(page?.position).to.equal(3);
    expect(pages.after('all', all, 1, 3)?.chunk).to.equal(page?.chunk);
  });

  it('have what was published since, and nothing that is not published', () => {
    const { pages, add } = pagesOf('a', 'b', 'c');
    expect(keysIn(pages.after('all', all, 0, 2))).to.deep.equal(['a', 'b']);
    add('d');
    expect(keysIn(pages.after('all', all, 0, 3))).to.deep.equal(['a', 'b', 'c']);
    expect(keysIn(pages.after('all', all, 0, 4))).to.deep.equal(['a', 'b', 'c', 'd']);
    expect(keysIn(pages.after('all', all, 4, 4))).to.deep.equal([]);
  });

  it('follow each other without a gap, and a full one stays good when more is published', () => {
    const { pages, add } = pagesOf(...names(1200));
    const first = pages.after('all', all, 0, 1200);
    add('more');
    expect(pages.after('all', all, 0, 1201)?.chunk).to.equal(first?.chunk);
    const read: string[] = [];
    for (let at = 0; at < 1201; ) {
      const page = pages.after('all', all, at, 1201) as EventPage;
      expect(page.position).to.be.above(at);
      read.push(...keysIn(page));
      at = page.position;
    }
    expect(read).to.deep.equal([...names(1200), 'more']);
  });

  it('belong to one filter', () => {
    const { pages } = pagesOf('a', 'b', 'aa');
    expect(keysIn(pages.after('those with a', { prefix: 'a', keys: undefined }, 0, 3))).to.deep.equal(['a', 'aa']);
    expect(keysIn(pages.after('only b', { prefix: '', keys: new Set('b') }, 0, 3))).to.deep.equal(['b']);
    expect(keysIn(pages.after('all', all, 0, 3))).to.deep.equal(['a', 'b', 'aa']);
  });

  it('are unknown after a gap', () => {
    const { log, pages } = pagesOf('a', 'b');
    pages.after('all', all, 0, 2);
    log.endWithGap(log.begin(3), 3);
    pages.clear();
    expect(pages.after('all', all, 0, 3)).to.equal(undefined);
  });

  it('are dropped, the oldest first, when they take more than some megabytes', () => {
    const { pages } = pagesOf(...names(12_000, 512));
    const page = (i: number) => pages.after('all', all, 500 * i, 12_000)?.chunk;
    const read = Array.from({ length: 24 }, (_, i) => page(i));
    expect(page(23)).to.equal(read[23]);
    expect(page(0)).not.to.equal(read[0]);
    expect(page(0)).to.deep.equal(read[0]);
  });
});
