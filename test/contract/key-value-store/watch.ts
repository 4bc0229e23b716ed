import { expect } from 'chai';
import type { StoreChange } from '../../../src/interfaces/key-value-store/key-value-store.js';
import { type Declare, sleep } from './fixture.js';

export function watchContract(declare: Declare): void {
  declare('reports every change after `ready`, in order, until the signal', async (store) => {
    const controller = new AbortController();
    const seen: StoreChange[] = [];
    const watching = (async () => {
      for await (const change of store.watch({ prefix: 'w/', signal: controller.signal })) seen.push(change);
    })();
    while (seen.length < 1) await sleep(5);
    const first = await store.put('w/1', 1);
    await store.put('other', 1);
    const second = await store.put('w/é 😀\n"', 1, { ttl: 0.05 });
    await store.delete('w/1');
    while (seen.length < 5) await sleep(5);
    controller.abort();
    await watching;
    expect(seen.map(({ event, key }) => [event, key])).to.deep.equal([
      ...[
        ['ready', undefined],
        ['put', 'w/1'],
        ['put', 'w/é 😀\n"'],
        ['delete', 'w/1'],
        ['expire', 'w/é 😀\n"'],
      ],
    ]);
    expect([seen[1]?.version, seen[2]?.version]).to.deep.equal([first, second]);
  });

  declare('ends when the reader leaves, and reports nothing if the signal came first', async (store) => {
    const changes = store.watch();
    expect((await changes.next()).value).to.deep.equal({ event: 'ready' });
    await store.put('a', 1);
    expect((await changes.next()).value).to.include({ event: 'put', key: 'a' });
    expect((await changes.return(undefined)).done).to.equal(true);
    expect((await changes.next()).done).to.equal(true);
    expect((await store.watch({ signal: AbortSignal.abort() }).next()).done).to.equal(true);
  });
}
