import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

describe('npm start', () => {
  let folder: string;
  before(function () {
    try {
      execFileSync('npm', ['--version'], { stdio: 'ignore' });
    } catch {
      console.log('      npm is not installed, so nothing can be started by it');
      this.skip();
    }
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGKILL'] as const) {
    it(`leaves no server behind if npm gets ${signal}`, async () => {
      // Without its scripts before the start, which would build again what this test runs.
      const options = ['--port', '0', '--config', join(folder, 'config.json'), '--init'];
      const npm = spawn('npm', ['start', '--ignore-scripts', '--', ...options], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const address = await addressOf(npm);
      npm.kill(signal);
      if (npm.exitCode === null && npm.signalCode === null) await once(npm, 'exit');
      while (await answers(address)) await sleep(50);
    });
  }
});

async function addressOf(npm: ChildProcess): Promise<string> {
  let printed = '';
  for await (const chunk of npm.stdout ?? []) {
    printed += chunk;
    const address = /serves on (http\S+)/.exec(printed)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error(`npm ended: ${printed}`);
}

async function answers(address: string): Promise<boolean> {
  return fetch(`${address}/livez`).then(
    () => true,
    () => false,
  );
}
