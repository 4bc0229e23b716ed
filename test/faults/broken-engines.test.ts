import { expect } from 'chai';
// For the checks that start their server in this process.
import './broken-engines/register.js';
import { MovableClock } from '../harness/movable-clock.js';
import { TestProject } from '../harness/test-project.js';
import { TestServer } from '../harness/test-server.js';
import { faultLibrary } from './harness/disk/fault-library.js';
import { smallDisk } from './harness/disk/small-disk.js';
import { randomFrom, SEED } from './harness/seed.js';
import { memoryLimit } from './harness/server/memory-limit.js';
import { type ProjectSpec, ServerFolder } from './harness/server-folder.js';
import { setClock } from './harness/set-clock.js';
import { attackProblems, attackServer } from './scenarios/attack/attack-scenario.js';
import { runConcurrentClients } from './scenarios/concurrent-clients.js';
import { DamagedProject } from './scenarios/damage-scenario.js';
import { fillToLastByte } from './scenarios/full-disk-scenario.js';
import { hangWrite } from './scenarios/hang-scenario.js';
import { IoErrorScenario } from './scenarios/io-error-scenario.js';
import { killRepeatedly } from './scenarios/kill-scenario.js';
import { killDuringMoves } from './scenarios/move-scenario.js';
import { exhaustMemory } from './scenarios/out-of-memory-scenario.js';
import { canBeUser, loseAndRegainPermission } from './scenarios/permission-scenario.js';
import { simulatePowerLoss } from './scenarios/power-loss/power-loss-scenario.js';
import { failDisk } from './scenarios/read-only-scenario.js';
import { restartAfterKill } from './scenarios/restart-scenario.js';
import { growthOf, runSoak } from './scenarios/soak-scenario.js';
import { stopUnderLoad } from './scenarios/stop-scenario.js';
import { killAtSystemCalls } from './scenarios/system-call-scenario.js';
import { failDataFile } from './scenarios/unwritable-data-scenario.js';

const MB = 1024 * 1024;

/** Resolves with what a check finds wrong; undefined if it cannot run here, which it prints. */
type Check = (broken: ProjectSpec) => Promise<readonly string[] | undefined>;

const random = () => randomFrom(SEED);

const CHECKS: Readonly<Record<string, Check>> = {
  async 'power-loss'(broken) {
    const library = faultLibrary();
    return library === undefined
      ? undefined
      : (await simulatePowerLoss(library, [broken], { writes: 60, states: 80, random: random() })).wrong;
  },
  kill: async (broken) => (await killRepeatedly([broken], 30, random())).wrong,
  async 'system-calls'(broken) {
    const library = faultLibrary();
    return library === undefined ? undefined : (await killAtSystemCalls(library, [broken], 80, random())).wrong;
  },
  async linearizability(broken) {
    const folder = await ServerFolder.make([broken]);
    const [clients] = await runConcurrentClients(folder, [broken], random(), [1_000]);
    await folder.remove();
    return clients?.verdict();
  },
  async moves({ id: name }) {
    // A project cannot be moved to an engine of a package by the API.
    const project = { id: 'mover', durable: true, encrypted: false };
    const pair = [
      { ...project, engine: 'lmdb' },
      { ...project, engine: 'json-file' },
    ] as const;
    return (await killDuringMoves([pair], 12, random(), { instead: name })).wrong;
  },
  async 'io-errors'(broken) {
    const library = faultLibrary();
    return library === undefined
      ? undefined
      : (await new IoErrorScenario([broken], library, [['write', 'EIO']]).run()).wrong;
  },
  async 'unwritable-data'(broken) {
    const library = faultLibrary();
    if (library === undefined) return undefined;
    return (await failDataFile(library, broken, 'sync:EIO:data.mdb:1+')).wrong;
  },
  async 'full-disk'(broken) {
    const disk = await smallDisk('tmpfs', 32 * MB);
    if (disk === undefined) return undefined;
    try {
      return (await fillToLastByte(disk.path, broken)).wrong;
    } finally {
      await disk.remove();
    }
  },
  async 'read-only'(broken) {
    const disk = await smallDisk('ext4', 32 * MB);
    if (disk === undefined) return undefined;
    try {
      return (await failDisk(disk, [broken])).wrong;
    } finally {
      await disk.remove();
    }
  },
  permission: async (broken) => (canBeUser() ? (await loseAndRegainPermission([broken])).wrong : undefined),
  async hang(broken) {
    const library = faultLibrary();
    if (library === undefined) return undefined;
    const { folder, server, tested } = await hangWrite(library, broken, 60_000);
    await server.kill();
    await folder.remove();
    return tested.wrong;
  },
  async 'out-of-memory'(broken) {
    const limit = memoryLimit(256 * MB);
    if (limit === undefined) return undefined;
    const { wrong } = await killRepeatedly([broken], 3, random(), exhaustMemory(limit));
    limit.remove();
    return wrong;
  },
  'damage, at rest': async (broken) => (await DamagedProject.atRest(broken)).wrong,
  'damage, in use': async (broken) => (await DamagedProject.running(broken)).wrong,
  async clock({ engine }) {
    const clock = new MovableClock();
    const server = await TestServer.start(clock);
    const project = new TestProject(server, 'broken', await server.project('broken', { storage: { engine } }));
    const wrong = await setClock(project, clock, true);
    await server.stop();
    return wrong;
  },
  load: async (broken) => attackProblems(await attackServer([broken], 1, 2_000, 6_000), 100),
  soak: async (broken) => growthOf((await runSoak([broken], 10_000, 500)).rounds).grown,
  stop: async (broken) => (await stopUnderLoad([broken], 3)).wrong,
  async restart(broken) {
    const { ready, slowness } = await restartAfterKill(broken, 5_000_000);
    return ready > 2_000 * slowness ? [`ready after ${Math.round(ready)} ms`] : [];
  },
};

/** The engines with one broken promise, see the modules `broken-…`, on which each check must fail. */
const BROKEN: readonly (readonly [check: string, engine: string])[] = [
  ['power-loss', 'no-fsync'],
  ['power-loss', 'no-folder-fsync'],
  ['power-loss', 'lmdb-unsynced-journal'],
  ['kill', 'early-release'],
  ['kill', 'lmdb-early-release'],
  ['kill', 'lmdb-short-replay'],
  ['kill', 'early-answer'],
  ['kill', 'half-batch'],
  ['system-calls', 'half-batch'],
  ['out-of-memory', 'early-answer'],
  ['moves', 'early-answer'],
  ['linearizability', 'stale-read'],
  ['io-errors', 'write-behind'],
  ['unwritable-data', 'lmdb-ignored-failure'],
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

describe('Each check finds an engine that breaks its promise', function () {
  // A check that goes on for ever fails, too.
  this.timeout(600_000);

  for (const [check, name] of BROKEN) {
    it(`${check}: ${name}`, async function () {
      const id = `broken-${name}`;
      const options = /directory|reader/.test(name) ? {} : { options: { journal_bytes: 1, segment_bytes: 32 * 1024 } };
      const subject = { id, engine: `package:${id}`, durable: true, encrypted: false, ...options };
      // If a server does not start any more, that is what the check finds. What a check meets is partly chance.
      let wrong: readonly string[] | undefined = [];
      for (let attempt = 0; attempt < 5 && wrong?.length === 0; attempt++)
        wrong = await CHECKS[check]?.(subject).catch(({ message }: Error) => [message]);
      if (wrong === undefined) this.skip();
      expect(wrong).to.not.be.empty;
      console.log(`        ${wrong[0]?.slice(0, 160).split('\n')[0]}`);
    });
  }
});
