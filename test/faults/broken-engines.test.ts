import { expect } from 'chai';
import { MovableClock, Space } from '../harness/on-every-engine.js';
import { TestServer } from '../harness/test-server.js';
import { DataSet, type Subject } from './harness/data-set.js';
import { faultLibrary } from './harness/fault-library.js';
import { memoryLimit } from './harness/memory-limit.js';
import { randomFrom, SEED } from './harness/seed.js';
import { setClock } from './harness/set-clock.js';
import { smallDisk } from './harness/small-disk.js';
import { besieging, notHeld } from './scenarios/attack-scenario.js';
import { rivalry } from './scenarios/concurrent-clients.js';
import { DamagedProject } from './scenarios/damage-scenario.js';
import { lastByte } from './scenarios/full-disk-scenario.js';
import { hanging } from './scenarios/hang-scenario.js';
import { IoErrors } from './scenarios/io-error-scenario.js';
import { killingAtCalls } from './scenarios/kill-at-system-call-scenario.js';
import { killing } from './scenarios/kill-scenario.js';
import { moving } from './scenarios/move-scenario.js';
import { outOfMemory } from './scenarios/out-of-memory-scenario.js';
import { canBeUser, losePermission } from './scenarios/permission-scenario.js';
import { powerLoss } from './scenarios/power-loss-scenario.js';
import { readOnly } from './scenarios/read-only-scenario.js';
import { restarting } from './scenarios/restart-scenario.js';
import { growth, soaking } from './scenarios/soak-scenario.js';
import { stopping } from './scenarios/stop-scenario.js';

const MB = 1024 * 1024;

/** What a check finds wrong; undefined where it cannot run here, which it says. */
type Check = (broken: Subject) => Promise<readonly string[] | undefined>;

const random = () => randomFrom(SEED);

const CHECKS: Readonly<Record<string, Check>> = {
  async 'power-loss'(broken) {
    const library = faultLibrary();
    return library === undefined
      ? undefined
      : (await powerLoss(library, [broken], { writes: 60, states: 80, random: random() })).wrong;
  },
  kill: async (broken) => (await killing([broken], 30, random())).wrong,
  async 'system-calls'(broken) {
    const library = faultLibrary();
    return library === undefined ? undefined : (await killingAtCalls(library, [broken], 20, random())).wrong;
  },
  async linearizability(broken) {
    const set = await DataSet.make([broken]);
    const [rivals] = await rivalry(set, [broken], random(), [1_000]);
    await set.remove();
    return rivals?.verdict();
  },
  async moves({ id: name }) {
    // The API lets nobody move a project to an engine of a package.
    const project = { id: 'mover', durable: true, encrypted: false };
    const pair = [
      { ...project, engine: 'lmdb' },
      { ...project, engine: 'json-file' },
    ] as const;
    return (await moving([pair], 12, random(), { instead: name })).wrong;
  },
  async 'io-errors'(broken) {
    const library = faultLibrary();
    return library === undefined ? undefined : (await new IoErrors([broken], library, [['write', 'EIO']]).run()).wrong;
  },
  async 'full-disk'(broken) {
    const disk = await smallDisk('tmpfs', 32 * MB);
    if (disk === undefined) return undefined;
    try {
      return (await lastByte(disk.path, broken)).wrong;
    } finally {
      await disk.remove();
    }
  },
  async 'read-only'(broken) {
    const disk = await smallDisk('ext4', 32 * MB);
    if (disk === undefined) return undefined;
    try {
      return (await readOnly(disk, [broken])).wrong;
    } finally {
      await disk.remove();
    }
  },
  permission: async (broken) => (canBeUser() ? (await losePermission([broken])).wrong : undefined),
  async hang(broken) {
    const library = faultLibrary();
    if (library === undefined) return undefined;
    const { set, server, tested } = await hanging(library, broken, 60_000);
    await server.kill();
    await set.remove();
    return tested.wrong;
  },
  async 'out-of-memory'(broken) {
    const limit = memoryLimit(256 * MB);
    if (limit === undefined) return undefined;
    const { wrong } = await killing([broken], 3, random(), outOfMemory(limit));
    limit.remove();
    return wrong;
  },
  'damage, at rest': async (broken) => (await DamagedProject.atRest(broken)).wrong,
  'damage, in use': async (broken) => (await DamagedProject.running(broken)).wrong,
  async clock({ engine }) {
    const clock = new MovableClock();
    const server = await TestServer.start(clock);
    const space = new Space(server, 'broken', await server.project('broken', { storage: { engine } }));
    const wrong = await setClock(space, clock, true);
    await server.stop();
    return wrong;
  },
  load: async (broken) => notHeld(await besieging([broken], 1, 2_000, 6_000), 100),
  soak: async (broken) => growth((await soaking([broken], 10_000, 500)).rounds).grown,
  stop: async (broken) => (await stopping([broken], 3)).wrong,
  async restart(broken) {
    const { ready, slowness } = await restarting(broken, 5_000_000);
    return ready > 2_000 * slowness ? [`ready after ${Math.round(ready)} ms`] : [];
  },
};

/** The engine with one promise broken, see the module `broken-…`, on which each check must fail. */
const BROKEN: readonly (readonly [check: string, engine: string])[] = [
  ['power-loss', 'no-fsync'],
  ['power-loss', 'no-folder-fsync'],
  ['kill', 'early-answer'],
  ['kill', 'half-batch'],
  ['system-calls', 'half-batch'],
  ['out-of-memory', 'early-answer'],
  ['moves', 'early-answer'],
  ['linearizability', 'stale-read'],
  ['io-errors', 'write-behind'],
  ['full-disk', 'write-behind'],
  ['read-only', 'write-behind'],
  ['permission', 'empty-directory'],
  ['hang', 'no-time-limit'],
  ['damage, at rest', 'empty-json-file'],
  ['damage, in use', 'empty-json-file'],
  ['clock', 'no-floor'],
  ['stop', 'write-behind'],
  ['restart', 'slow-open'],
  ['load', 'blocking-read'],
  ['soak', 'leaking-memory'],
  ['soak', 'leaking-files'],
  ['soak', 'held-reader'],
  ['soak', 'growing-file'],
];

describe('The checks find an engine that promises too much', function () {
  this.timeout(0);

  for (const [check, name] of BROKEN) {
    it(`${check}: ${name}`, async function () {
      const id = `broken-${name}`;
      const options = /directory|reader/.test(name) ? {} : { options: { journal_bytes: 1 } };
      const subject = { id, engine: `package:${id}`, durable: true, encrypted: false, ...options };
      // Where a server does not start any more, the check ends with that.
      const wrong = await CHECKS[check]?.(subject).catch(({ message }: Error) => [message]);
      if (wrong === undefined) this.skip();
      expect(wrong).to.not.be.empty;
      console.log(`        ${wrong[0]?.slice(0, 160).split('\n')[0]}`);
    });
  }
});
