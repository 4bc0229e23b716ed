import { type HttpResponse, type RequestOptions, send } from './http-client.js';
import type { TestServer } from './test-server.js';

/** A project on the server under test, and a client with its key. */
export class TestProject {
  constructor(
    readonly server: TestServer,
    readonly id: string,
    readonly key: string,
  ) {}

  /** `path` is relative to that of the project. */
  send(method: string, path: string, { headers, ...rest }: RequestOptions = {}): Promise<HttpResponse> {
    const authorized = { authorization: `Bearer ${this.key}`, ...headers };
    return send(this.server.address, method, `/api/v1/projects/${this.id}/${path}`, { ...rest, headers: authorized });
  }

  put(key: string, body: string | Uint8Array, headers: Record<string, string> = {}, query = ''): Promise<HttpResponse> {
    return this.send('PUT', `values/${encodeURIComponent(key)}${query}`, { body, headers });
  }

  get(key: string, headers: Record<string, string> = {}): Promise<HttpResponse> {
    return this.send('GET', `values/${encodeURIComponent(key)}`, { headers });
  }

  run(transaction: object | string): Promise<HttpResponse> {
    const body = typeof transaction === 'string' ? transaction : JSON.stringify(transaction);
    return this.send('POST', 'transactions', { body, headers: { 'content-type': 'application/json' } });
  }

  /** Changes the settings of the project. */
  async configure(settings: object): Promise<void> {
    const { status, text } = await send(this.server.address, 'PUT', `/api/v1/projects/${this.id}`, {
      body: JSON.stringify(settings),
      headers: { authorization: `Bearer ${this.server.systemKey}` },
    });
    if (status !== 200) throw new Error(text);
  }
}
