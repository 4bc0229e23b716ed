import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { EventStreamReader } from '../harness/event-stream-reader.js';
import { TestServer } from '../harness/test-server.js';
import { codeExample } from './code-example.js';

type Listener = (event: { data: string; lastEventId: string }) => void;

/** As much of a browser's `EventSource` as the example uses. */
class TestEventSource {
  static readonly opened: TestEventSource[] = [];
  readonly #listeners = new Map<string, Listener>();
  #reader: EventStreamReader | undefined;
  onerror: () => void = () => undefined;

  constructor(readonly url: string) {
    TestEventSource.opened.push(this);
    void this.#read();
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, listener);
  }

  /** Breaks the connection. */
  close(): void {
    this.#reader?.close();
  }

  async #read(): Promise<void> {
    this.#reader = await EventStreamReader.open(this.url, undefined);
    for (let one = await this.#reader.next(); one !== undefined; one = await this.#reader.next()) {
      this.#listeners.get(one.event)?.({ data: one.text, lastEventId: one.id });
    }
    this.onerror();
  }
}

describe('docs/change-feed.md', () => {
  it('has an example for browsers that goes on after a break, with a new ticket and without a gap', async () => {
    const server = await TestServer.start();
    const key = server.projectKey;
    const seen: string[] = [];
    let wake: () => void = () => undefined;
    const put = (name: string) => server.call('PUT', `first_project/values/${name}`, { key, body: 'x' });
    const until = async (event: string) => {
      while (seen.at(-1) !== event) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    };
    let isOver = false;
    const ticket = async () => {
      if (isOver) return new Promise<never>(() => undefined);
      return (await server.call('POST', 'first_project/changes/tickets', { key })).json.data.ticket;
    };
    const onChange = (type: string, change: { key?: string }) => {
      seen.push(`${type} ${change.key ?? ''}`.trim());
      wake();
    };
    const code = codeExample(await readFile('docs/change-feed.md', 'utf8'), 'event-source.js');
    const watch = new Function('EventSource', `${code}; return watch;`)(TestEventSource);
    void watch(`${server.address}/api/v1/projects/first_project/changes`, ticket, onChange);
    await until('ready');
    await put('a');
    await until('put a');
    TestEventSource.opened[0]?.close();
    await put('b');
    await until('put b');
    expect(seen).to.deep.equal(['ready', 'put a', 'ready', 'put b']);
    const urls = TestEventSource.opened.map(({ url }) => url.replace(/pkt_[\w-]{43}/, 'TICKET').replace(/.*\?/, ''));
    expect(urls[0]).to.equal('ticket=TICKET');
    expect(urls[1]).to.match(/^ticket=TICKET&since=.+$/);
    isOver = true;
    TestEventSource.opened.at(-1)?.close();
    await server.stop();
  });
});
