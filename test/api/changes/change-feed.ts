import { EventStreamReader } from '../../harness/event-stream-reader.js';
import { MovableClock } from '../../harness/movable-clock.js';
import { type TestResponse, TestServer } from '../../harness/test-server.js';

/** A server with a new project for each test, and clients that read its changes. */
export class ChangeFeed {
  readonly clock = new MovableClock();
  server!: TestServer;
  project = '';
  /** The API key that the clients use. */
  key = '';
  readonly #readers: EventStreamReader[] = [];
  #projects = 0;

  /** Declares what happens before and after the tests of a file. */
  static forTests(): ChangeFeed {
    const feed = new ChangeFeed();
    before(async () => {
      feed.server = await TestServer.start(feed.clock);
    });
    after(() => feed.server.stop());
    beforeEach(async () => {
      feed.#projects += 1;
      await feed.use(`p${feed.#projects}`);
    });
    afterEach(() => {
      for (const reader of feed.#readers.splice(0)) reader.close();
    });
    return feed;
  }

  /** Creates a project and goes on with that. */
  async use(project: string, engine = 'memory'): Promise<void> {
    this.project = project;
    this.key = await this.server.project(project, { storage: { engine } });
  }

  async open(query = '', since?: string): Promise<EventStreamReader> {
    const url = `${this.server.address}/api/v1/projects/${this.project}/changes${query}`;
    const reader = await EventStreamReader.open(url, this.key, since);
    this.#readers.push(reader);
    return reader;
  }

  /** `path` is relative to that of the project. */
  call(method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<TestResponse> {
    const options = { key: this.key, headers, ...(body === undefined ? {} : { body }) };
    return this.server.call(method, `${this.project}/${path}`, options);
  }

  /** The content of the response to a poll. */
  async poll(query: string): Promise<TestResponse['json']> {
    return (await this.call('GET', `changes?${query}`)).json.data;
  }
}
