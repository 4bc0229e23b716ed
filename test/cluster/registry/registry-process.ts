import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PortkvProcess } from '../../harness/portkv-process.js';

/** `portkv serve` with a configuration that names a registry, in a folder of its own. */
export class RegistryProcess {
  #address = '';

  private constructor(
    readonly folder: string,
    public portkv: PortkvProcess,
    private readonly prefix: readonly string[],
  ) {}

  /** `own` are further members of its `system`; `prefix` is a command that runs the one after it. */
  static async start(registry: object, own: object = {}, prefix: readonly string[] = []): Promise<RegistryProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    await writeFile(join(folder, 'config.json'), JSON.stringify({ system: { registry, ...own } }));
    return RegistryProcess.in(folder, prefix);
  }

  /** With the configuration and the data that the folder has. */
  static async in(folder: string, prefix: readonly string[] = []): Promise<RegistryProcess> {
    const server = new RegistryProcess(folder, new PortkvProcess(folder, undefined, { prefix }), prefix);
    server.#address = await server.portkv.ready().catch(async (error: unknown) => {
      await server.remove();
      throw error;
    });
    return server;
  }

  get address(): string {
    return this.#address;
  }

  /** After it was killed. */
  async startAgain(): Promise<void> {
    this.portkv = new PortkvProcess(this.folder, undefined, { prefix: this.prefix });
    this.#address = await this.portkv.ready();
  }

  async kill(): Promise<void> {
    this.portkv.kill('SIGKILL');
    await this.portkv.end();
  }

  async remove(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  /**
   * The path is relative to `/api/v1/projects/`, or empty. Tries again if a busy machine kept the registry away.
   */
  async call(method: string, path: string, key: string, body?: object | string) {
    for (let tries = 0; ; tries++) {
      const answer = await this.callOnce(method, path, key, body);
      if (answer.status !== 503 || !answer.text.includes('registry has not answered') || tries === 100) return answer;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async callOnce(method: string, path: string, key: string, body?: object | string) {
    const response = await fetch(`${this.#address}/api/v1/projects${path === '' ? '' : `/${path}`}`, {
      method,
      headers: { authorization: `Bearer ${key}` },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      text,
      data: text.startsWith('{') && !text.includes('\n{') ? JSON.parse(text).data : undefined,
    };
  }

  /** The status of `/readyz`. */
  async readiness(): Promise<number> {
    return (await fetch(`${this.#address}/readyz`)).status;
  }

  /** The lines of its log with that text. */
  logged(text: string): number {
    return this.portkv.stderr.split('\n').filter((line) => line.includes(text)).length;
  }
}
