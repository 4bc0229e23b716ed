import { readFile, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import { generateKey } from '../../../src/infrastructure/security/generated-key.js';
import { TestServer } from '../../harness/test-server.js';

/** Requests of each kind; 2,000 make a difference of a few microseconds show. */
const MANY = Number(process.env.PORTKV_TIMING_REQUESTS ?? 300);
/** Where each takes the time of a hash. */
const FEW = Math.max(24, Math.floor(MANY / 20));
/** Of keys that are not answered at once. An unknown id waits for one of four times, which may differ by far. */
const ROUNDS: Readonly<Record<string, number>> = { unknown: Math.floor(MANY / 2), 'of the wrong kind': FEW };
const OLD_HASH = 'pbkdf2_sha256$200000$UubxmEZh3owqJJ05PmrkUQ$8nRV7wz3YXjbWSqTz2QjUxI18LKlB-5pcKLl6QcUTn8';
/** Which exist, and which do not or even could not. */
const KNOWN = ['known', 'old', 'bare'];
const UNKNOWN = ['unknown', 'in valid', 'x'.repeat(70)];

interface Told {
  readonly bytes: string;
  /** From the request to the end of the answer, in ms. */
  readonly took: number;
}

describe('Where projects are a secret', function () {
  this.timeout(Math.max(120_000, MANY * 400));
  let server: TestServer;
  let foreign: string;
  let agent: Agent;
  let address = 0;

  before(async () => {
    server = await TestServer.start();
    agent = new Agent({ keepAlive: true, maxSockets: 1 });
    foreign = server.projectKey;
    for (const id of KNOWN) await server.project(id, { storage: { engine: 'memory' } });
    await server.restart(async () => {
      const file = join(server.folder, 'config.json');
      const config = JSON.parse(await readFile(file, 'utf8'));
      config.system.security = { project_discoverable: false };
      // Each request claims an address of its own, so that none is told to come back later.
      config.system.trust_proxy = 1;
      const of = (id: string) => config.projects.find((one: { id: string }) => one.id === id).authentication;
      Object.assign(of('old'), { api_key_id: null, api_key_hash: OLD_HASH });
      Object.assign(of('bare'), { api_key_id: null, api_key_hash: null });
      await writeFile(file, JSON.stringify(config));
    });
  });
  after(async () => {
    agent.destroy();
    await server.stop();
  });

  function ask(project: string, key: string | undefined, method = 'GET', rest = '/values/a', body = ''): Promise<Told> {
    address += 1;
    const from = `10.${(address >> 16) & 255}.${(address >> 8) & 255}.${address & 255}`;
    const headers = {
      'x-request-id': 'same',
      'x-forwarded-for': from,
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === '' ? {} : { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }),
    };
    const url = `${server.address}/api/v1/projects/${encodeURIComponent(project)}${rest}`;
    return new Promise((resolve, reject) => {
      const start = performance.now();
      const sent = request(url, { method, headers, agent }, (response) => {
        let text = `${response.statusCode} ${response.statusMessage}\n`;
        for (let i = 0; i < response.rawHeaders.length; i += 2) {
          if (response.rawHeaders[i] !== 'Date') text += `${response.rawHeaders[i]}: ${response.rawHeaders[i + 1]}\n`;
        }
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ bytes: text, took: performance.now() - start }));
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  function wrongKeys(): Readonly<Record<string, string | undefined>> {
    return {
      none: undefined,
      malformed: 'pkv_malformed',
      unknown: generateKey().secret,
      foreign,
      'of the wrong kind': 'chosen-by-hand',
    };
  }

  it('answers every one of them, known or not, with the same bytes', async () => {
    const requests: readonly [string, string, string][] = [
      ['GET', '/values/a', ''],
      ['HEAD', '/values/a', ''],
      ['GET', '', ''],
      ['PUT', '/values/a', 'x'.repeat(100)],
      ['POST', '/store', 'a=1'],
      ['POST', '/store', 'a=1&auth=wrong'],
      ['DELETE', '/store?nonsense=1', ''],
      ['GET', '/store?limit=nonsense', ''],
      ['POST', '/transactions', 'no JSON'],
      ['GET', '/api-keys', ''],
      ['POST', '/api-keys/x/rotate', ''],
    ];
    for (const [method, rest, body] of requests) {
      for (const [kind, key] of Object.entries(wrongKeys())) {
        const answers = new Map<string, string>();
        for (const project of [...KNOWN, ...UNKNOWN]) {
          answers.set((await ask(project, key, method, rest, body)).bytes, project);
        }
        const [first = ''] = answers.keys();
        expect([...answers.keys()], `${method} ${rest} with a key that is ${kind}`).to.have.length(1);
        expect(first).to.match(/^401 /);
      }
    }
  });

  for (const kind of Object.keys({ none: 1, malformed: 1, unknown: 1, foreign: 1, 'of the wrong kind': 1 })) {
    it(`takes the same time for known and unknown ones: key ${kind}`, async () => {
      const rounds = ROUNDS[kind] ?? MANY;
      const projects = [...KNOWN, ...UNKNOWN];
      const took = new Map(projects.map((project): [string, number[]] => [project, []]));
      for (let i = -5; i < rounds; i++) {
        for (let at = 0; at < projects.length; at++) {
          const project = projects[(at + i + 5) % projects.length] as string;
          const { took: ms } = await ask(project, wrongKeys()[kind], 'GET', i % 2 === 0 ? '/values/a' : '');
          if (i >= 0) took.get(project)?.push(ms);
        }
      }
      // An unknown project that is named as the known ones are: nothing else about it differs.
      const reference = took.get('unknown') ?? [];
      for (const project of KNOWN) {
        const times = took.get(project) ?? [];
        // An unknown id waits as long as one of the last four verifications took: where some of them were slow, the median is one or the other.
        const typical = kind === 'unknown' ? mean : median;
        const ratio = typical(times) / typical(reference);
        const chance = chanceOfSlower(times, reference);
        const what = `${project}: ${ratio.toFixed(3)} times as long, slower in ${(100 * chance).toFixed(1)} % of pairs`;
        // Medians of few rounds waver on a busy machine; a hash that is left out makes it a tenth.
        expect(ratio, what).to.be.within(...((rounds < MANY ? [0.5, 2] : [0.75, 1.33]) as [number, number]));
        expect(Math.abs(chance - 0.5), what).to.be.below(bound(rounds));
      }
    });
  }
});

/** How often a request of the first kind takes longer than one of the second: 0.5 where nothing can be told (Mann and Whitney). */
function chanceOfSlower(some: readonly number[], others: readonly number[]): number {
  let slower = 0;
  for (const one of some) for (const other of others) slower += one > other ? 1 : one === other ? 0.5 : 0;
  return slower / (some.length * others.length);
}

/** Five standard deviations of that chance where there is no difference, and never less than what a busy machine does by itself. */
function bound(n: number): number {
  return Math.max(0.06, 5 * Math.sqrt((2 * n + 1) / (12 * n * n)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
