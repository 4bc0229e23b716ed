import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { PortkvProcess } from '../../harness/portkv-process.js';

const BIN = fileURLToPath(new URL('../../../../bin/portkv.js', import.meta.url));

describe('A first start', function () {
  this.timeout(60_000); // Each test runs several processes.
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Runs `portkv` with these arguments, as a shell line, in the folder. */
  function portkv(line: string, env: Record<string, string> = {}) {
    const command = `exec "${process.execPath}" "${BIN}" ${line}`;
    const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', command], {
      cwd: folder,
      env: { ...process.env, ...env },
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  }

  function expectOneLine(stderr: string, word: string): void {
    expect(stderr.trimEnd().split('\n'), stderr).to.have.length(1);
    expect(stderr).to.include(word);
  }

  const commands = ['serve --port 0 --data d', 'doctor', 'export p f'];

  it('does not happen for a configuration that is named and does not exist: exit code 2, nothing written', async () => {
    for (const command of commands) {
      for (const [line, env] of [
        [`${command} --config typo/config.json`, {}],
        [command, { PORTKV_CONFIG: 'typo.json' }],
      ] as const) {
        const { status, stderr } = portkv(line, env);
        expect(status, line).to.equal(2);
        expectOneLine(stderr, join(folder, 'typo'));
        expect(await readdir(folder), line).to.deep.equal([]);
      }
    }
  });

  it('does not happen for an empty name of a configuration', async () => {
    for (const command of [...commands, 'init']) {
      for (const [line, env] of [
        [`${command} --config ""`, {}],
        [command, { PORTKV_CONFIG: '' }],
      ] as const) {
        const { status, stderr } = portkv(line, env);
        expect(status, line).to.equal(2);
        expectOneLine(stderr, 'is empty');
        expect(await readdir(folder), line).to.deep.equal([]);
      }
    }
  });

  it('of a server is prepared by init, which shows the keys and never replaces a configuration', async () => {
    const { status, stdout } = portkv('init --config new/config.json --data new/data');
    expect(status).to.equal(0);
    const text = await readFile(join(folder, 'new', 'config.json'), 'utf8');
    expect(JSON.parse(text).system.storage.persistent_file_path).to.equal('data');
    const key = /^PROJECT_KEY=(\S+)/m.exec(stdout)?.[1] ?? '';
    const again = portkv('init', { PORTKV_CONFIG: 'new/config.json' });
    expect(again.status).to.equal(2);
    expectOneLine(again.stderr, 'exists already');
    expect(await readFile(join(folder, 'new', 'config.json'), 'utf8')).to.equal(text);

    const server = new PortkvProcess(join(folder, 'new'));
    try {
      const values = `${await server.ready()}/api/v1/projects/first_project/values/a`;
      const { status: put } = await fetch(values, { method: 'PUT', headers: { 'x-api-key': key }, body: '1' });
      expect(put).to.equal(201);
      expect(server.stdout).not.to.include('KEY=');
      expect(await readdir(join(folder, 'new'))).to.have.members(['config.json', 'data']);
    } finally {
      server.kill('SIGKILL');
      await server.end();
    }
  });

  it('makes a folder for the configuration, also if the data is elsewhere', async () => {
    const server = new PortkvProcess(join(folder, 'conf'), ['--port', '0', '--data', join(folder, 'data')]);
    try {
      await server.ready();
      expect(await readdir(join(folder, 'conf'))).to.deep.equal(['config.json']);
    } finally {
      server.kill('SIGKILL');
      await server.end();
    }
  });

  for (const [what, redirection] of [
    ['closed', '>&-'],
    ['full', '>/dev/full'],
    ['thrown away', '>/dev/null'],
  ] as const) {
    it(`leaves no configuration if the output that should show its keys is ${what}`, async () => {
      for (const line of ['serve --init --config new/config.json --port 0', 'init']) {
        const { status, stderr } = portkv(`${line} ${redirection}`);
        expect(status, line).to.equal(1);
        expectOneLine(stderr, 'keys cannot be shown');
        const left = (await readdir(folder, { recursive: true })).filter((path) => path.includes('json'));
        expect(left, line).to.deep.equal([]);
      }
    });
  }

  it('generates no key for a configuration that lacks some if it cannot be shown', async () => {
    const text = '{ "server_port": 0,  "projects": [ { "id": "p" } ] }';
    await writeFile(join(folder, 'config.json'), text);
    const child = new PortkvProcess(folder, ['--port', '0', '--log-level', 'warn'], { output: '/dev/full' });
    try {
      while (!child.stderr.includes('no key is generated') && child.child.exitCode === null) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      expect(child.stderr).to.include("no key is generated for the system, project 'p'");
      const { system, projects } = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
      expect([system.authentication, projects]).to.deep.equal([{}, [{ id: 'p', authentication: {} }]]);
    } finally {
      child.kill('SIGKILL');
      await child.end();
    }
  });
});
