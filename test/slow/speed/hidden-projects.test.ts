import { expect } from 'chai';
import { HiddenProjectsServer, KNOWN, UNKNOWN, WRONG_KEYS, type WrongKey } from '../api/hidden-projects-server.js';
import { mean, median } from './statistics.js';

/** Requests of each kind; with 2,000 a difference of a few microseconds shows. */
const MANY = Number(process.env.PORTKV_TIMING_REQUESTS ?? 300);
/** Fewer if each request takes the time of a hash. */
const FEW = Math.max(24, Math.floor(MANY / 20));
/** Keys whose refusal takes long. For an unknown id, as long as one of four verifications, which may differ by far. */
const ROUNDS: Partial<Record<WrongKey, number>> = { unknown: Math.floor(MANY / 2), 'of the wrong kind': FEW };

describe('Hidden projects', function () {
  this.timeout(Math.max(120_000, MANY * 400));
  // Other work on the machine can spoil one run, but not three.
  this.retries(2);
  let server: HiddenProjectsServer;
  before(async () => {
    server = await HiddenProjectsServer.start();
  });
  after(() => server.stop());

  for (const key of WRONG_KEYS) {
    it(`take the same time to refuse as projects that do not exist, with a key: ${key}`, async () => {
      const rounds = ROUNDS[key] ?? MANY;
      const took = await timesOf(key, rounds);
      // The unknown project with a name like those of the known ones: it differs in nothing else.
      const reference = took.get('unknown') ?? [];
      for (const project of KNOWN) {
        const times = took.get(project) ?? [];
        // With an unknown id the median is one of the four last verifications, of which some may have been slow.
        const typical = key === 'unknown' ? mean : median;
        const ratio = typical(times) / typical(reference);
        const chance = chanceOfSlower(times, reference);
        const what = `${project}: ${ratio.toFixed(3)} times as long, slower in ${(100 * chance).toFixed(1)} % of pairs`;
        // Medians of few rounds vary on a busy machine; without a hash that is needed the ratio is a tenth.
        expect(ratio, what).to.be.within(...((rounds < MANY ? [0.5, 2] : [0.75, 1.33]) as [number, number]));
        expect(Math.abs(chance - 0.5), what).to.be.below(bound(rounds));
      }
    });
  }

  /** The times of `rounds` requests to each project, in ms, after five that do not count. */
  async function timesOf(key: WrongKey, rounds: number): Promise<Map<string, number[]>> {
    const projects = [...KNOWN, ...UNKNOWN];
    const took = new Map(projects.map((project): [string, number[]] => [project, []]));
    for (let i = -5; i < rounds; i++) {
      for (let at = 0; at < projects.length; at++) {
        const project = projects[(at + i + 5) % projects.length] as string;
        const { took: ms } = await server.ask({ project, key, rest: i % 2 === 0 ? '/values/a' : '' });
        if (i >= 0) took.get(project)?.push(ms);
      }
    }
    return took;
  }
});

/** How often a request of the first kind takes longer than one of the second: 0.5 if they are alike (Mann, Whitney). */
function chanceOfSlower(some: readonly number[], others: readonly number[]): number {
  let slower = 0;
  for (const one of some) for (const other of others) slower += one > other ? 1 : one === other ? 0.5 : 0;
  return slower / (some.length * others.length);
}

/** Five standard deviations of that chance without a difference, and at least what a busy machine causes. */
function bound(n: number): number {
  return Math.max(0.06, 5 * Math.sqrt((2 * n + 1) / (12 * n * n)));
}
