import { readFile, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { generateKey } from '../../../src/infrastructure/security/generated-key.js';
import { TestServer } from '../../harness/test-server.js';

const OLD_HASH = 'pbkdf2_sha256$200000$UubxmEZh3owqJJ05PmrkUQ$8nRV7wz3YXjbWSqTz2QjUxI18LKlB-5pcKLl6QcUTn8';
/** The projects that exist: with a generated key, with an old hash, and without any key. */
export const KNOWN = ['known', 'old', 'bare'];
/** Projects that do not exist, or could not. */
export const UNKNOWN = ['unknown', 'in valid', 'x'.repeat(70)];
/** The kinds of keys that open none of these projects. */
export const WRONG_KEYS = ['none', 'malformed', 'unknown', 'foreign', 'of the wrong kind'] as const;
export type WrongKey = (typeof WRONG_KEYS)[number];

export interface RefusedRequest {
  readonly project: string;
  readonly key: WrongKey;
  readonly method?: string;
  /** Of the path, after that of the project. */
  readonly rest?: string;
  readonly body?: string;
}

export interface Refusal {
  /** The whole response, without the header Date. */
  readonly bytes: string;
  /** From the request to the end of the response, in ms. */
  readonly took: number;
}

/** A server that keeps secret which projects exist, and a client with wrong keys on one connection. */
export class HiddenProjectsServer {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #requests = 0;

  private constructor(private readonly server: TestServer) {}

  static async start(): Promise<HiddenProjectsServer> {
    const server = await TestServer.start();
    for (const id of KNOWN) await server.project(id, { storage: { engine: 'memory' } });
    await server.restart(async () => {
      const file = join(server.folder, 'config.json');
      const config = JSON.parse(await readFile(file, 'utf8'));
      config.system.security = { project_discoverable: false };
      // Each request has an address of its own, so that none is limited.
      config.system.trust_proxy = 1;
      const of = (id: string) => config.projects.find((one: { id: string }) => one.id === id).authentication;
      Object.assign(of('old'), { api_key_id: null, api_key_hash: OLD_HASH });
      Object.assign(of('bare'), { api_key_id: null, api_key_hash: null });
      await writeFile(file, JSON.stringify(config));
    });
    return new HiddenProjectsServer(server);
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    await this.server.stop();
  }

  ask({ project, key, method = 'GET', rest = '/values/a', body = '' }: RefusedRequest): Promise<Refusal> {
    this.#requests += 1;
    const number = this.#requests;
    const secret = this.#secretOf(key);
    const headers = {
      'x-request-id': 'same',
      'x-forwarded-for': `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`,
      ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
      ...(body === '' ? {} : { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }),
    };
    const url = `${this.server.address}/api/v1/projects/${encodeURIComponent(project)}${rest}`;
    return new Promise((resolve, reject) => {
      const start = performance.now();
      const sent = request(url, { method, headers, agent: this.#agent }, (response) => {
        let text = `${response.statusCode} ${response.statusMessage}\n`;
        for (let i = 0; i < response.rawHeaders.length; i += 2) {
          if (response.rawHeaders[i] !== 'Date') text += `${response.rawHeaders[i]}: ${response.rawHeaders[i + 1]}\n`;
        }
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ bytes: text, took: performance.now() - start }));
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  #secretOf(key: WrongKey): string | undefined {
    const secrets = {
      none: () => undefined,
      malformed: () => 'pkv_malformed',
      unknown: () => generateKey().secret,
      foreign: () => this.server.projectKey,
      'of the wrong kind': () => 'chosen-by-hand',
    };
    return secrets[key]();
  }
}
