import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { LocalEngineName } from '../../../src/infrastructure/storage/engines/registry.js';
import { createEngineStore, ENGINE_FIXTURES, openEngineStore } from '../../contract/engine-fixtures.js';
import { lastBatch, WRITERS } from './concurrent-writers.js';

const ROUNDS = 20;
const WRITER = fileURLToPath(new URL('writer.js', import.meta.url));

describe('kill -9', function () {
  this.timeout(60_000);
  for (const [name, { durable }] of Object.entries(ENGINE_FIXTURES)) {
    if (!durable) continue;
    it(`loses nothing that ${name} acknowledged and leaves no half of a batch, ${ROUNDS} times`, () =>
      killAgainAndAgain(name as LocalEngineName));
  }
});

async function killAgainAndAgain(name: LocalEngineName): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
  await createEngineStore(name, folder);
  const acknowledged = new Array<number>(WRITERS).fill(0);
  for (let round = 1; round <= ROUNDS; round++) {
    // One in four is killed while it opens what the last one left, without a check in between.
    const opening = round % 4 === 0;
    const delay = Math.random() * 200;
    await killWriter(name, folder, opening, delay, acknowledged);
    if (opening) continue;
    const store = await openEngineStore(name, folder);
    for (const [writer, last] of acknowledged.entries()) {
      const found = await lastBatch(store, writer);
      const moment = `round ${round}, killed after ${delay} ms, writer ${writer}`;
      expect(found, moment).to.be.within(last, last + 1);
      acknowledged[writer] = found;
    }
    await store.close();
  }
  expect(Math.min(...acknowledged)).to.be.greaterThan(ROUNDS);
  await rm(folder, { recursive: true });
}

/** Kills a writer process after `delay` ms, and notes the last acknowledged batch of each writer in `acknowledged`. */
async function killWriter(
  name: LocalEngineName,
  folder: string,
  opening: boolean,
  delay: number,
  acknowledged: number[],
): Promise<void> {
  const child = spawn(process.execPath, [WRITER, name, folder], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const closed = once(child, 'close');
  if (!opening) await Promise.race([once(child.stdout, 'data'), closed]);
  await sleep(delay);
  child.kill('SIGKILL');
  const [, signal] = await closed;
  expect(signal, errors).to.equal('SIGKILL');
  for (const line of out.split('\n').slice(0, -1)) {
    const [writer = 0, last = 0] = line.split(' ').map(Number);
    acknowledged[writer] = Math.max(acknowledged[writer] ?? 0, last);
  }
}
