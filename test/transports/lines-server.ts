import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type RunningServer, startServer } from '../../src/composition/start-server.js';
import { transportKinds } from '../../src/composition/transports.js';
import { type HttpResponse, type RequestOptions, send } from '../harness/http-client.js';
import { transport } from './line-transport.js';

const kinds = { ...transportKinds, lines: async () => transport };

/** A server with the REST API and another transport, by default lines over TCP, on a folder of its own. */
export class LinesServer {
  now = Date.now();
  readonly #clients = new Set<LineClient>();

  private constructor(
    readonly folder: string,
    public running: RunningServer,
    readonly systemKey: string,
    /** Of the project `first_project`. */
    readonly projectKey: string,
    readonly transport: object,
  ) {}

  static async start(other: object = { kind: 'lines' }): Promise<LinesServer> {
    const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    const running = await startServer(
      { config: join(folder, 'config.json'), init: true, port: 0, logLevel: 'error' },
      'test',
    );
    const server = new LinesServer(
      folder,
      running,
      running.firstKeys?.system ?? '',
      running.firstKeys?.project ?? '',
      other,
    );
    await server.configure({});
    return server;
  }

  /** Starts again with these members of `system` in the configuration. */
  async configure(system: object): Promise<void> {
    await this.running.stop();
    const config = join(this.folder, 'config.json');
    const settings = JSON.parse(await readFile(config, 'utf8'));
    const transports = [this.transport];
    await writeFile(config, JSON.stringify({ ...settings, transports, system: { ...settings.system, ...system } }));
    const clock = { now: () => this.now };
    this.running = await startServer({ config, port: 0, logLevel: 'error' }, 'test', { kinds, clock });
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.end();
    await this.running.stop();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** A connection over lines, as this project and key. */
  client(project = 'p', secret = ''): LineClient {
    const client = new LineClient(this.running.others[0] ?? '');
    this.#clients.add(client);
    void client.ask(`AUTH ${project} ${secret}`);
    return client;
  }

  /** The path is absolute or, without a leading slash, counts from the projects. */
  rest(method: string, path: string, key: string | undefined, sent: RequestOptions = {}): Promise<HttpResponse> {
    const headers = { ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), ...sent.headers };
    const target = path.startsWith('/') ? path : `/api/v1/projects/${path}`;
    return send(this.running.address, method, target, { ...sent, headers });
  }

  /** The code of an answer of REST, as a line begins with it. */
  async restCode(...request: Parameters<LinesServer['rest']>): Promise<string> {
    const { status, json } = await this.rest(...request);
    return status < 400 ? 'OK' : `ERROR ${json.error.code}`;
  }

  audit(): Promise<string> {
    return readFile(join(this.folder, 'storage_data', 'audit.portkv.ndjson'), 'utf8');
  }
}

/** One connection: each line that is sent has one answer. */
export class LineClient {
  readonly #socket;
  readonly #waiting: ((answer: string) => void)[] = [];
  /** Resolves when the server has ended the connection. */
  readonly ended: Promise<void>;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#socket = connect(Number(port), hostname).on('error', () => undefined);
    this.ended = new Promise((done) => this.#socket.on('close', () => done()));
    createInterface({ input: this.#socket }).on('line', (answer) => this.#waiting.shift()?.(answer));
    void this.ended.then(() => this.#waiting.forEach((answer) => void answer('ENDED')));
  }

  ask(line: string | Buffer): Promise<string> {
    this.#socket.write(Buffer.concat([Buffer.from(line), Buffer.from('\n')]));
    return new Promise((done) => this.#waiting.push(done));
  }

  /** `OK`, or `ERROR` and its code. */
  async code(line: string | Buffer): Promise<string> {
    return /^(OK|ERROR \w+|ENDED)/.exec(await this.ask(line))?.[0] ?? '';
  }

  end(): void {
    this.#socket.destroy();
  }
}
