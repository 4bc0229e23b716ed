import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { freePort } from '../../harness/free-port.js';
import { PortkvProcess } from '../../harness/portkv-process.js';

const BIN = resolve('bin/portkv.js');

describe('An output that cannot be written', () => {
  let folder: string;
  let config: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    config = join(folder, 'config.json');
    const first = new PortkvProcess(folder);
    await first.ready();
    first.kill('SIGTERM');
    await first.end();
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** Serves with these outputs while `check` runs; it logs every request. */
  async function whileServing(
    outputs: (number | 'pipe')[],
    check: (address: string, server: ReturnType<typeof spawn>) => Promise<void>,
  ): Promise<void> {
    const port = await freePort();
    const options = ['--config', config, '--port', String(port), '--log-level', 'debug'];
    const server = spawn(process.execPath, [BIN, 'serve', ...options], { stdio: ['ignore', ...outputs] });
    const address = `http://127.0.0.1:${port}`;
    try {
      while (!(await answers(address))) {
        expect(server.exitCode, 'the server ended').to.equal(null);
        await sleep(50);
      }
      await check(address, server);
      for (let i = 0; i < 3; i++) expect(await answers(address)).to.equal(true);
      expect(server.exitCode).to.equal(null);
    } finally {
      server.kill('SIGTERM');
      if (server.exitCode === null) await once(server, 'exit');
    }
    expect(server.exitCode).to.equal(0);
  }

  const nothing = async () => undefined;

  it('does not end the server: a full disk', async () => {
    const full = openSync('/dev/full', 'w');
    try {
      await whileServing([full, full], nothing);
    } finally {
      closeSync(full);
    }
  });

  it('does not end the server: readers that ended', () =>
    whileServing(['pipe', 'pipe'], async (_, server) => {
      server.stdout?.destroy();
      server.stderr?.destroy();
    }));

  it('does not stop the server: a pipe that no program reads', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const pipe = openSync(join(folder, 'pipe'), 'r+');
    try {
      await whileServing([pipe, pipe], (address) => fillLog(address));
    } finally {
      closeSync(pipe);
    }
  });

  it('does not stop the server: a reader that stands still, and what it reads later is whole lines', async () => {
    const collected: Buffer[] = [];
    await whileServing(['pipe', 'pipe'], async (address, server) => {
      await fillLog(address);
      server.stderr?.on('data', (chunk) => collected.push(chunk));
      while (Buffer.concat(collected).length < 20_000) await sleep(20);
      await sleep(200);
      await fetch(address, { headers: { 'x-request-id': 'last' } });
      while (!Buffer.concat(collected).includes('last')) await sleep(20);
    });
    const lines = Buffer.concat(collected).toString().trim().split('\n');
    expect(JSON.parse(lines.find((line) => line.includes('last')) ?? '').request_id).to.equal('last');
  });

  for (const command of [
    ['doctor'],
    ['export', 'first_project'],
    ['list', 'first_project', '--json'],
    ['list', 'first_project'],
  ]) {
    it(`ends \`portkv ${command.join(' ')}\` with 1 and one line`, async () => {
      const [full, errors] = [openSync('/dev/full', 'w'), openSync(join(folder, 'errors'), 'w')];
      try {
        execFileSync(process.execPath, [BIN, ...command, '--config', config, '--data', join(folder, 'storage_data')], {
          stdio: ['ignore', full, errors],
        });
        expect.fail('it ended with 0');
      } catch (error) {
        expect((error as { status: number }).status).to.equal(1);
      } finally {
        closeSync(full);
        closeSync(errors);
      }
      const lines = (await readFile(join(folder, 'errors'), 'utf8')).trim().split('\n');
      expect(lines.at(-1)).to.match(/^(Standard output could not be written|The export is incomplete): ENOSPC/);
      expect(lines.join('\n')).not.to.match(/\n\s+at /);
    });
  }
});

/** More lines than a pipe or a socket holds. */
async function fillLog(address: string): Promise<void> {
  const headers = { 'x-request-id': 'y'.repeat(120) };
  for (let i = 0; i < 30; i++) await Promise.all(Array.from({ length: 50 }, () => fetch(address, { headers })));
}

async function answers(address: string): Promise<boolean> {
  return fetch(`${address}/livez`).then(
    ({ ok }) => ok,
    () => false,
  );
}
