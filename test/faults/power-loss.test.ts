import { expect } from 'chai';
import { faultLibrary } from './harness/disk/fault-library.js';
import { amount, randomFrom, report, SEED } from './harness/seed.js';
import { DURABLE_PROJECTS, type ProjectSpec } from './harness/server-folder.js';
import { simulatePowerLoss } from './scenarios/power-loss/power-loss-scenario.js';

/** Counted in stores: each state of the disk has one store of every kind. */
const STATES = amount(1_500, 100_000);
const MOVER: ProjectSpec = { id: 'mover', engine: 'json-file', durable: true, encrypted: false };

describe('A power cut', function () {
  this.timeout(0);

  it(`leaves all stores readable, no acknowledged write lost: ${STATES} states, ext4, strict POSIX`, async function () {
    const library = faultLibrary();
    if (library === undefined) this.skip();
    const subjects = [...DURABLE_PROJECTS, MOVER];
    const states = 2 * Math.ceil(STATES / subjects.length / 2);
    const loss = await simulatePowerLoss(library, subjects, { writes: 400, states, random: randomFrom(SEED + 5) });
    expect(loss.wrong.slice(0, 5), `seed ${SEED}`).to.deep.equal([]);
    report({ states: loss.states, 'lost 0, torn 0, unopenable': 0 });
  });
});
