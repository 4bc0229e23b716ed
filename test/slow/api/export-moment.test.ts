import { request } from 'node:http';
import { expect } from 'chai';
import { contents, exported } from '../../harness/export-content.js';
import { onEveryEngine } from '../../harness/on-every-engine.js';
import type { TestProject } from '../../harness/test-project.js';

const ACCOUNTS = 400;

/** Accounts are at both ends of the key space, with large values between them, so that an export takes a while. */
const account = (i: number) => `${String(i % 2 === 0 ? i : 900 - i).padStart(4, '0')}-account`;

onEveryEngine('An export under full load', (on) => {
  it('is as of one moment: the sum of a bank never changes, pairs are equal, and no key comes twice', async () => {
    const project = await bank(await on.project());
    let stop = false;
    const writers = Array.from({ length: 8 }, (_, writer) => write(project, writer, () => stop));
    try {
      for (let round = 0; round < 20; round++) {
        const entries = contents(await exported(project));
        const keys = entries.map(({ key }) => key as string);
        expect(new Set(keys).size).to.equal(keys.length);
        const accounts = entries.filter(({ key }) => (key as string).endsWith('-account'));
        expect(accounts).to.have.length(ACCOUNTS);
        expect(accounts.reduce((sum, { json }) => sum + (json as number), 0)).to.equal(ACCOUNTS * 100);
        const value = (name: string) => entries.find(({ key }) => key === name);
        for (let writer = 0; writer < 8; writer++) {
          expect(value(`0000-pair-${writer}`)?.json).to.equal(value(`9999-pair-${writer}`)?.json);
        }
      }
    } finally {
      stop = true;
      await Promise.all(writers);
    }
  }).timeout(60_000);

  it('stays as of its moment for a slow client while the store is deleted', async () => {
    const project = await bank(await on.project());
    const before = contents(await exported(project));
    const slow = await slowly(project);
    await project.send('DELETE', 'store');
    await project.put('after', '1');
    const { status, text } = await project.send('GET', 'store?count=only');
    expect(status, text).to.equal(200);
    const bytes = await slow();
    expect(contents({ status: 200, bytes })).to.deep.equal(before);
  }).timeout(30_000);
});

async function bank(project: TestProject): Promise<TestProject> {
  const operations = Array.from({ length: ACCOUNTS }, (_, i) => ({ put: { key: account(i), json: 100 } }));
  expect((await project.run({ operations })).status).to.equal(200);
  for (let i = 0; i < 40; i++) await project.put(`0500-large-${i}`, 'x'.repeat(100_000));
  return project;
}

async function write(project: TestProject, writer: number, stopped: () => boolean): Promise<void> {
  for (let round = 0; !stopped(); round++) {
    const [from, to] = [(writer * 31 + round * 7) % ACCOUNTS, (writer * 17 + round * 13 + 1) % ACCOUNTS];
    if (from === to) continue;
    const transfer = [{ increment: { key: account(from), by: -1 } }, { increment: { key: account(to), by: 1 } }];
    expect((await project.run({ operations: transfer })).status).to.equal(200);
    const pair = ['0000', '9999'].map((side) => ({ put: { key: `${side}-pair-${writer}`, json: round } }));
    expect((await project.run({ operations: pair })).status).to.equal(200);
    const passing = `${String((round * 37) % 999).padStart(4, '0')}-passing-${writer}`;
    await project.put(passing, 'x');
    await project.send('DELETE', `values/${passing}`);
  }
}

/** Starts an export, reads nothing after the first piece, and returns a function that reads the rest. */
function slowly(project: TestProject): Promise<() => Promise<Buffer>> {
  return new Promise((resolve, reject) => {
    const url = `${project.server.address}/api/v1/projects/${project.id}/export`;
    const sent = request(url, { headers: { authorization: `Bearer ${project.key}` } });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.once('readable', () => {
        resolve(async () => {
          for await (const chunk of response) chunks.push(chunk as Buffer);
          return Buffer.concat(chunks);
        });
      });
    });
    sent.end();
  });
}
