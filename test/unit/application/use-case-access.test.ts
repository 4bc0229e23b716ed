import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { CreateApiKey } from '../../../src/application/api-keys/create-api-key.js';
import { DeleteApiKey } from '../../../src/application/api-keys/delete-api-key.js';
import { RotateApiKey } from '../../../src/application/api-keys/rotate-api-key.js';
import { ChangeEntry } from '../../../src/application/entries/change-entry.js';
import { CreateProject } from '../../../src/application/projects/create-project.js';
import { UpdateProject } from '../../../src/application/projects/update-project.js';
import { Snapshots } from '../../../src/application/snapshots/snapshots.js';
import { type Identity, SCOPES, type Scope } from '../../../src/domain/api-key.js';
import { AppError } from '../../../src/domain/errors.js';
import { type CallerKind, callerKinds, expectedOutcome, TOUCHED } from '../../harness/caller-kinds.js';
import { CoreServer } from './core-server.js';
import { type Row, useCaseTable } from './use-case-table.js';

const SOURCES = 'src/application';
/** Folders in which every public method is for a caller; elsewhere only `execute` and what takes one. */
const USE_CASES = /^(entries|changes|projects|api-keys|snapshots|transfer|server-info)\//;
const OF_SERVER = 'is called by the server itself, at its start and end or by its timers';
const OF_UPDATE = 'is a part of UpdateEntries.execute, and called in its rows';
const OF_WATCH = 'holds what AuthorizeWatch has allowed';
/** These take no caller, or are not for one. */
const NO_USE_CASES: Readonly<Record<string, string>> = {
  'CheckAccess.execute': 'finds out who the caller is; every row of the table goes through it',
  'ActiveWatches.add': OF_WATCH,
  'ActiveWatches.remove': OF_WATCH,
  'ActiveWatches.close': OF_SERVER,
  'WatchTickets.issue': 'is called by CreateWatchTicket, with the rights that it has allowed',
  'InteractiveTransaction.get': OF_UPDATE,
  'InteractiveTransaction.head': OF_UPDATE,
  'InteractiveTransaction.before': OF_UPDATE,
  'InteractiveTransaction.require': OF_UPDATE,
  'InteractiveTransaction.apply': OF_UPDATE,
  'InteractiveTransaction.changes': OF_UPDATE,
  'InteractiveTransaction.attempt': OF_UPDATE,
  'UnclaimedProjects.find': OF_SERVER,
  'UnclaimedProjects.list': 'is shown by CheckReadiness, if projects may be listed',
  'UnclaimedProjects.claim': 'is called by CreateProject, after its check',
  'SnapshotScheduler.start': OF_SERVER,
  'SnapshotScheduler.stop': OF_SERVER,
  'SnapshotScheduler.idle': OF_SERVER,
  'SnapshotScheduler.takeDue': OF_SERVER,
};

describe('Every use case with every kind of key, without a transport', () => {
  let core: CoreServer;
  let kinds: readonly CallerKind[];
  /** Undefined for a key that opens nothing. */
  const callers = new Map<CallerKind, Identity | undefined>();

  before(async function () {
    this.timeout(180_000);
    core = await CoreServer.start();
    kinds = await callerKinds(core.keyMaker());
    for (const kind of kinds) callers.set(kind, await core.identify(kind.secret));
    const projects = [['hidden', { security: { keys_and_values_discoverable: false } }]] as const;
    await core.project('open', { authentication: { enabled: false } });
    for (const [id, settings] of projects) await core.project(id, settings);
    await core.project('small', { limits: { max_value_bytes: 10 } });
  });
  after(() => core?.stop());

  it('finds out who presents a key, and refuses one that opens nothing', () => {
    for (const kind of kinds) {
      const caller = callers.get(kind);
      expect(caller?.project ?? (caller && 'system') ?? 'nobody', kind.name).to.equal(kind.owner);
      expect(caller?.prefix, kind.name).to.equal(kind.prefix);
      if (kind.owner === 'p') expect(caller?.scopes, kind.name).to.have.members(kind.scopes ?? []);
    }
  });

  it('has a row in the table for each method that is for a caller', async () => {
    const methods = await methodsOf(SOURCES);
    expect(methods.length).to.be.above(30);
    const rows = [...Object.keys(useCaseTable), ...Object.keys(NO_USE_CASES)].map(methodOf);
    expect(
      methods.filter((method) => !rows.includes(method)),
      'write into use-case-table.ts who may call these',
    ).to.deep.equal([]);
    expect(rows.filter((method) => !methods.includes(method))).to.deep.equal([]);
  });

  for (const [name, row] of Object.entries(useCaseTable)) {
    it(`${name} is as the table says`, async () => {
      const wrong: string[] = [];
      for (const kind of kinds) {
        const caller = callers.get(kind);
        const is = caller === undefined ? await nobodys(row) : await outcomeOf(row, caller);
        const outcome = expectedOutcome(row.access, kind);
        const should = outcome === 'allowed' ? (row.allowed ?? 'allowed') : outcome;
        if (is !== should) wrong.push(`${is}, not ${should}: ${kind.name}`);
      }
      expect(wrong.join('\n')).to.equal('');
    });
  }

  it('knows anonymous callers only in the project that asks for no key', async () => {
    const anonymous = await core.identify(undefined, 'open');
    expect(anonymous).to.deep.include({ kind: 'anonymous', project: 'open', scopes: SCOPES });
    const wrong: string[] = [];
    for (const [name, row] of Object.entries(useCaseTable)) {
      const { access } = row;
      const inProject = access === 'open' || access === 'any' ? 'allowed' : 'unauthenticated';
      const abroad = await outcomeOf(row, anonymous as Identity);
      if (abroad !== (inProject === 'allowed' ? (row.allowed ?? inProject) : inProject))
        wrong.push(`p: ${name} ${abroad}`);
      const home = await outcomeOf(row, anonymous as Identity, 'open');
      const isRefused = home === 'unauthenticated' || home === 'insufficient_scope';
      if (isRefused !== (access === 'system')) wrong.push(`open: ${name} ${home}`);
    }
    expect(wrong.join('\n')).to.equal('');
  });

  it('reports an unknown project to the system key only, and hidden keys to no key', async () => {
    const [system, primary] = [await core.identify(core.systemKey), await core.identify(kinds.find(isPrimary)?.secret)];
    const hidden = { ...(primary as Identity), project: 'hidden' };
    const wrong: string[] = [];
    for (const [name, row] of Object.entries(useCaseTable)) {
      const { access, hides } = row;
      if (typeof access === 'object' && access.system) {
        const unknown = await outcomeOf(row, system as Identity, 'nowhere');
        if (unknown !== 'not_found') wrong.push(`system, nowhere: ${name} ${unknown}`);
      }
      if (typeof access !== 'object') continue;
      const foreign = await outcomeOf(row, primary as Identity, 'nowhere');
      if (foreign !== 'unauthenticated') wrong.push(`p, nowhere: ${name} ${foreign}`);
      const shown = await outcomeOf(row, hidden, 'hidden');
      if ((shown === 'forbidden') !== (hides ?? false)) wrong.push(`hidden: ${name} ${shown}`);
    }
    expect(wrong.join('\n')).to.equal('');
  });

  it('refuses what is no key in every use case that takes one', async () => {
    const caller = (await core.identify(kinds.find(isPrimary)?.secret)) as Identity;
    const wrong: string[] = [];
    for (const [name, row] of Object.entries(useCaseTable)) {
      if (!row.takesKey) continue;
      for (const key of ['', 'k'.repeat(513), 'é'.repeat(257), 'lone \ud800', '\udc00 lone']) {
        const is = await outcomeOf(row, caller, 'p', key);
        if (is !== 'invalid') wrong.push(`${is}: ${name} with ${JSON.stringify(key).slice(0, 20)}`);
      }
      const longest = await outcomeOf(row, caller, 'p', `in/${'é'.repeat(254)}k`);
      if (longest === 'invalid') wrong.push(`${longest}: ${name} with 512 bytes`);
    }
    expect(wrong.join('\n')).to.equal('');
    expect(Object.values(useCaseTable).filter(({ takesKey }) => takesKey)).to.have.length.above(14);
  });

  it('refuses values that are too large in every use case that takes one', async () => {
    const caller = { ...((await core.identify(kinds.find(isPrimary)?.secret)) as Identity), project: 'small' };
    const wrong: string[] = [];
    for (const [name, row] of Object.entries(useCaseTable)) {
      if (!row.takesValue) continue;
      await core.put('small', TOUCHED, '{"a":1}');
      const [fits, large] = [
        await outcomeOf(row, caller, 'small', TOUCHED, '{"a":2}'),
        await outcomeOf(row, caller, 'small', TOUCHED, '{"a":"0123"}'),
      ];
      if (fits !== 'allowed' && !(fits === 'too_large' && name.includes('append'))) wrong.push(`${fits}: ${name}`);
      if (large !== 'too_large') wrong.push(`${large}: ${name}`);
    }
    expect(wrong.join('\n')).to.equal('');
  });

  it('returns to a key that may not read no value that it wrote', async () => {
    const blind = (await core.identify(kinds.find(({ name }) => name === 'no read')?.secret)) as Identity;
    const wrong: string[] = [];
    for (const [name, row] of Object.entries(useCaseTable)) {
      if (row.takesValue === undefined) continue;
      await core.put('p', TOUCHED, '{"secret":1}');
      const result = await call(row, blind).catch(() => undefined);
      const values = JSON.stringify(result ?? null, (key, it) => (key === 'value' && it ? 'VALUE' : it));
      if (values.includes('VALUE')) wrong.push(name);
    }
    expect(wrong.join('\n')).to.equal('');
  });

  it('lets no key hand out, take or reach more than it holds', async () => {
    const as = (name: string) => callers.get(kinds.find((kind) => kind.name === name) as CallerKind) as Identity;
    const { resolve } = core;
    const other = await core.keyMaker().key({});
    const make = (caller: Identity, scopes: readonly Scope[], prefix?: string) =>
      resolve(CreateApiKey).execute(caller, 'p', { name: 'more', scopes, prefix, expiresIn: undefined });
    const path = { storage: { engine: 'directory', options: { path: '../outside' } } };
    const taken = { storage: { engine: 'directory', options: { path: 'q/inside' } } };
    const target = { project: 'q', caller: as('primary') };
    const refused = {
      'a scope': [() => make(as('only admin'), ['write']), 'insufficient_scope'],
      'no prefix': [() => make(as('prefix inside'), ['read']), 'insufficient_scope'],
      'a wider prefix': [() => make(as('prefix outside'), ['read'], 'in/'), 'insufficient_scope'],
      deletion: [() => resolve(DeleteApiKey).execute(as('prefix inside'), 'p', other.id), 'insufficient_scope'],
      rotation: [() => resolve(RotateApiKey).execute(as('only admin'), 'p', other.id, 0), 'insufficient_scope'],
      'a file': [() => resolve(UpdateProject).execute(as('primary'), 'p', path), 'insufficient_scope'],
      'a file of another': [() => resolve(CreateProject).execute(as('system'), 'new', taken), 'invalid'],
      'a restore': [() => resolve(Snapshots).restore(as('primary'), 'p', 'none', target), 'unauthenticated'],
    } as const;
    for (const [what, [call, code]] of Object.entries(refused)) {
      expect(await codeOf(call()), what).to.equal(code);
    }
    const line = 'text/plain\r\nx: y';
    const put = { kind: 'put', key: 'k', value: Buffer.of(), contentType: line, expiry: 'never' } as const;
    const change = async () => resolve(ChangeEntry).execute(as('primary'), 'p', put);
    expect(await codeOf(change())).to.equal('invalid');
  });

  /** What a row does with a key that opens nothing: only what asks for no caller goes on. */
  function nobodys(row: Row): Promise<string> {
    return row.access === 'open' ? outcomeOf(row, undefined as never) : Promise.resolve('unauthenticated');
  }

  async function call(row: Row, caller: Identity, project = 'p', key = TOUCHED, value = '{"b":2}'): Promise<unknown> {
    if (project === 'p' && key === TOUCHED) await core.put('p', TOUCHED, row.before ?? '{"a":1}');
    const result = await row.call({ resolve: core.resolve, caller, project, key, value });
    // What is read lazily is refused lazily.
    if (isIterable(result)) for await (const _ of result) break;
    return result;
  }

  function outcomeOf(...parameters: Parameters<typeof call>): Promise<string> {
    return codeOf(call(...parameters));
  }
});

const isPrimary = ({ name }: CallerKind) => name === 'primary';
/** `allowed`, or the code of the error. */
function codeOf(result: Promise<unknown>): Promise<string> {
  return result.then(
    () => 'allowed',
    (error: unknown) => {
      if (error instanceof AppError) return error.code;
      throw error;
    },
  );
}
const methodOf = (row: string) => row.split(' ')[0] ?? '';

function isIterable(result: unknown): result is AsyncIterable<unknown> {
  return typeof result === 'object' && result !== null && Symbol.asyncIterator in result;
}

/** `Class.method` of each public method that is for a caller, in all files of a folder. */
async function methodsOf(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts')).sort();
  const found: string[] = [];
  for (const name of names) {
    const source = await readFile(join(folder, name), 'utf8');
    for (const [, of, body = ''] of source.matchAll(/^export class (\w+)(.*?^\})/gms)) {
      for (const { 0: text, 1: method } of body.matchAll(
        /^ {2}(?:async )?\*?(\w+)(?:<\w+>)?\(\s*(?:caller: Identity)?/gm,
      )) {
        const isForCaller = method === 'execute' || text.endsWith('Identity') || USE_CASES.test(name);
        if (isForCaller && method !== 'constructor') found.push(`${of}.${method}`);
      }
    }
  }
  return found;
}
