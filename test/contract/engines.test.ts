import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Logger } from '../../src/application/ports/logger.js';
import { type EngineName, engines } from '../../src/infrastructure/storage/engines.js';
import { storeContract } from './store.contract.js';
import type { StoreFixture, StorePlace } from './store-fixture.js';

/** One line for every engine, which the compiler demands. */
const FIXTURES: Readonly<Record<EngineName, { durable: boolean; options?: object }>> = {
  'json-file': { durable: true, options: { journal_bytes: 1 } },
  lmdb: { durable: true },
  memory: { durable: false },
};

for (const [name, { durable, options }] of Object.entries(FIXTURES)) {
  storeContract({ describe, it }, { name, durable, begin: () => begin(name, options) } satisfies StoreFixture);
}

describe('engines', () => {
  it('are all tested, and listed in alphabetical order', () => {
    expect(Object.keys(engines)).to.deep.equal(Object.keys(FIXTURES).sort());
  });
});

async function begin(name: string, more: object = {}): Promise<StorePlace> {
  const load = engines[name];
  if (load === undefined) throw new Error(`no engine ${name}`);
  const engine = await load();
  const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
  const place = { folder, name: 'project' };
  const options = Object.assign(new engine.Options(), more);
  await engine.create(place, options);
  return {
    open: async () => engine.open(place, options, silent),
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}

const nothing = () => undefined;
const silent: Logger = { error: nothing, warn: nothing, info: nothing, debug: nothing };
