import { expect } from 'chai';
import { faultLibrary } from './harness/disk/fault-library.js';
import { amount, report, SOAK } from './harness/seed.js';
import type { ProjectSpec } from './harness/server-folder.js';
import {
  type FailingMovesResult,
  failFirstWrite,
  type MoveFault,
  runFailingMoves,
} from './scenarios/failing-moves-scenario.js';

/** The highest n: a migration makes about 15 syncs and 8 renames. */
const MOST = amount(8, 40);
/** In a build each pair tries every fourth n, and each pair others. */
const STEP = SOAK > 0 ? 1 : 4;
/** The switch consists of syncs of folders and renames. */
const FAULTS: readonly MoveFault[] = [
  ['sync', 'EIO'],
  ['rename', 'LATE'],
];
const PAIRS = [
  ['json-file', 'lmdb'],
  ['lmdb', 'directory'],
  ['directory', 'json-file'],
] as const;

describe('A change of engine on a failing disk', function () {
  this.timeout(0);

  it(`leaves one engine active, with all writes: the n-th sync or rename fails, n up to ${MOST}`, async function () {
    const library = faultLibrary();
    if (library === undefined) this.skip();
    const all = await Promise.all(PAIRS.map((engines, i) => movesOf(library, engines, i)));
    expect(all.flatMap(({ wrong }) => wrong)).to.deep.equal([]);
    const sum = (of: (one: FailingMovesResult) => number) => all.reduce((total, one) => total + of(one), 0);
    report({
      points: sum(({ points }) => points),
      moved: sum(({ moved }) => moved),
      'lost 0, unopenable 0, stray files': 0,
    });
    expect(sum(({ moved }) => moved)).to.be.greaterThan(0);
  });

  it('fails the first write if the end of the rollback cannot be recorded, and then goes on', async function () {
    const library = faultLibrary();
    if (library === undefined) this.skip();
    const [from, to] = subjectsOf('json-file', 'lmdb');
    // After a migration to encryption there is no rollback anyway.
    expect(await failFirstWrite(library, from, { ...to, encrypted: false })).to.deep.equal([]);
  });
});

/** Migrations from plain to encrypted and back. */
function movesOf(library: string, engines: readonly [string, string], i: number): Promise<FailingMovesResult> {
  const [from, to] = subjectsOf(...engines);
  const counts = Array.from({ length: MOST }, (_, n) => n + 1).filter((n) => n % STEP === i % STEP);
  return runFailingMoves(library, [from, to], FAULTS, counts);
}

function subjectsOf(...engines: readonly [string, string]): readonly [ProjectSpec, ProjectSpec] {
  const [from, to] = engines;
  const subject = (engine: string, encrypted: boolean): ProjectSpec => ({
    id: engine,
    engine,
    durable: true,
    encrypted,
  });
  return [subject(from, false), subject(to, true)];
}
