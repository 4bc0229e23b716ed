import { TestServer } from '../../harness/test-server.js';
import { ConsolePage, type Size } from './console-browser.js';

/** A server with one project, and tabs that are signed in to it. */
export class ConsoleProject {
  private constructor(
    readonly server: TestServer,
    readonly id: string,
  ) {}

  static async start(): Promise<ConsoleProject> {
    return new ConsoleProject(await TestServer.start(), 'first_project');
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }

  async put(key: string, body: string | Uint8Array, type = 'application/json', query = ''): Promise<void> {
    const path = `${this.id}/values?key=${encodeURIComponent(key)}${query}`;
    const headers = { 'Content-Type': type };
    const { status, text } = await this.server.call('PUT', path, { key: this.server.projectKey, body, headers });
    if (status > 204) throw new Error(text);
  }

  /** Stores up to 1,000 texts at once. */
  async putMany(count: number, entry: (i: number) => readonly [string, string]): Promise<void> {
    const pairs = Array.from({ length: count }, (_, i) => entry(i));
    const body = JSON.stringify({ operations: pairs.map(([key, text]) => ({ put: { key, text } })) });
    const { status, text } = await this.server.call('POST', `${this.id}/transactions`, {
      key: this.server.projectKey,
      body,
    });
    if (status !== 200) throw new Error(text);
  }

  /** The stored text; undefined if there is no such entry. */
  async text(key: string): Promise<string | undefined> {
    const path = `${this.id}/values?key=${encodeURIComponent(key)}`;
    const { status, text } = await this.server.call('GET', path, { key: this.server.projectKey });
    return status === 200 ? text : undefined;
  }

  /** A tab at an address of the project, such as `keys?key=a`. */
  async open(view: string, { size = 'wide', key }: { size?: Size; key?: string } = {}): Promise<ConsolePage> {
    const tab = await ConsolePage.open(this.server.address, { size, path: `projects/${this.id}/${view}` });
    await tab.signIn(key ?? this.server.projectKey);
    await tab.page.locator('.view').getByRole('main').waitFor();
    return tab;
  }
}
