import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { BIN, PortkvProcess } from '../../harness/portkv-process.js';
import { REGISTRY_STORES, type RegistryStore } from './registry-stores.js';

const run = promisify(execFile);
const { missing, start } = REGISTRY_STORES.etcd;
const reason = await missing();

describe(`README.md, several servers${reason === undefined ? '' : `, skipped: ${reason}`}`, () => {
  let store: RegistryStore;
  let folder: string;
  const servers: PortkvProcess[] = [];
  before(async function () {
    if (reason !== undefined) this.skip();
    store = await start();
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
  });
  after(async () => {
    for (const server of servers) {
      server.kill('SIGKILL');
      await server.end();
    }
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    await store?.remove();
  });

  async function serve(options: readonly string[] = []): Promise<string> {
    const server = new PortkvProcess(folder, [...options, '--port', '0']);
    servers.push(server);
    return server.ready();
  }

  it('shows lines that bring a project from a file to two servers', async () => {
    const alone = await serve();
    const [{ stdout }] = servers as [PortkvProcess];
    const [system, key] = ['SYSTEM_KEY', 'PROJECT_KEY'].map(
      (name) => new RegExp(`^${name}=(.*)$`, 'm').exec(stdout)?.[1],
    );
    const greeting = (address: string) => `${address}/api/v1/projects/first_project/store/greeting/value`;
    const headers = { 'x-api-key': key ?? '' };
    const put = await fetch(greeting(alone).replace('/value', ''), { method: 'PUT', headers, body: 'hello' });
    expect(put.status).to.be.oneOf([200, 201]);
    servers[0]?.kill('SIGTERM');
    await servers[0]?.end();

    const page = await readFile('README.md', 'utf8');
    const [, block = ''] = /^```bash\n(mkdir other && echo '\{"system":\{"registry"[\s\S]*?)^```$/m.exec(page) ?? [];
    const lines = block
      .replaceAll('http://127.0.0.1:2379', store.url)
      .replaceAll(/\s+#.*$/gm, '')
      .trim()
      .split('\n');
    expect(lines.filter((line) => line.startsWith('portkv serve'))).to.have.length(2);
    const addresses: string[] = [];
    let printed = '';
    for (const line of lines) {
      const [, options] = /^portkv serve (.*)$/.exec(line) ?? [];
      if (options !== undefined) addresses.push(await serve(inFolder(options)));
      else printed = await shell(line, { PORTKV_KEY: system, SYSTEM_KEY: system, PORTKV_URL: addresses[0] });
    }
    expect(printed.match(/serving/g)).to.have.length(2);
    for (const address of addresses) {
      const response = await fetch(greeting(address), { headers });
      expect([response.status, await response.text()]).to.deep.equal([200, 'hello']);
    }
  });

  /** The options of a line, with paths in the folder of the test and without a port. */
  function inFolder(options: string): string[] {
    const words = options
      .replace(/--port \d+/, '')
      .trim()
      .split(' ');
    return words.map((word) => (word.endsWith('.json') ? join(folder, word) : word));
  }

  async function shell(line: string, variables: Record<string, string | undefined>): Promise<string> {
    const script = `portkv() { "${process.execPath}" "${BIN}" "$@"; }\n${line}`;
    const { stdout } = await run('bash', ['-e', '-u', '-c', script], {
      cwd: folder,
      env: { ...process.env, ...variables },
    });
    return stdout;
  }
});
