import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Project } from '../../../../src/domain/project.js';
import { pinoLogger } from '../../../../src/infrastructure/observability/pino-logger.js';
import { ProcessStatus } from '../../../../src/infrastructure/observability/process-status.js';
import { systemJson } from '../../../../src/interfaces/rest/response/system-json.js';

describe('ProcessStatus', () => {
  let folder: string;
  let projects: Project[];
  let status: ProcessStatus;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    projects = [];
    const logger = await pinoLogger({ level: 'silent', format: 'json' });
    status = new ProcessStatus({ list: () => projects }, folder, '1.2.3', logger);
    status.begin();
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function storageBytes(expected: number): Promise<void> {
    let measured: unknown;
    for (let i = 0; i < 3000 && measured !== expected; i++) {
      measured = status.current().storageBytes;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(measured).to.equal(expected);
  }

  it("shows Simple-PyKV's five members", () => {
    const shown = JSON.parse(systemJson(status.current()));
    expect(shown).to.have.all.keys(
      'memory_usage_bytes',
      'number_of_projects',
      'storage_usage_bytes',
      'uptime',
      'version',
    );
    expect(shown.memory_usage_bytes).to.be.above(1_000_000);
    expect(shown.uptime).to.be.within(0, 10_000);
    expect(shown).to.include({ number_of_projects: 0, version: '1.2.3' });
  });

  it('counts the current projects', () => {
    status.current();
    projects.push({ id: 'p' } as Project);
    expect(status.current().projects).to.equal(1);
  });

  it('counts every file in the data folder soon, and no target of a link', async () => {
    await mkdir(join(folder, 'a/b'), { recursive: true });
    await writeFile(join(folder, 'one'), Buffer.alloc(1000));
    await writeFile(join(folder, 'a/b/two'), Buffer.alloc(500));
    await symlink('/usr', join(folder, 'a/link'));
    await storageBytes(1500 + '/usr'.length);
    await rm(join(folder, 'one'));
    await storageBytes(500 + '/usr'.length);
  });

  it('counts a folder that does not exist as empty', async () => {
    await rm(folder, { recursive: true });
    await storageBytes(0);
  });
});
