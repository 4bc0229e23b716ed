import { createHash } from 'node:crypto';
import type { InjectionToken } from 'tsyringe';
import { CreateApiKey } from '../../../src/application/api-keys/create-api-key.js';
import { DeleteApiKey } from '../../../src/application/api-keys/delete-api-key.js';
import { ListApiKeys } from '../../../src/application/api-keys/list-api-keys.js';
import { RegenerateApiKey } from '../../../src/application/api-keys/regenerate-api-key.js';
import { RotateApiKey } from '../../../src/application/api-keys/rotate-api-key.js';
import { AuthorizeWatch } from '../../../src/application/changes/authorize-watch.js';
import { CreateWatchTicket } from '../../../src/application/changes/create-watch-ticket.js';
import { WaitForChanges } from '../../../src/application/changes/wait-for-changes.js';
import { ChangeEntry } from '../../../src/application/entries/change-entry.js';
import { GetEntry } from '../../../src/application/entries/get-entry.js';
import type { InteractiveTransaction } from '../../../src/application/entries/interactive-transaction.js';
import { LatestEntry } from '../../../src/application/entries/latest-entry.js';
import { ListEntries } from '../../../src/application/entries/list-entries.js';
import { MeasurePrefixes } from '../../../src/application/entries/measure-prefixes.js';
import { RemoveEntries } from '../../../src/application/entries/remove-entries.js';
import { RunTransaction } from '../../../src/application/entries/run-transaction.js';
import { UpdateEntries } from '../../../src/application/entries/update-entries.js';
import { CreateProject } from '../../../src/application/projects/create-project.js';
import { DeleteProject } from '../../../src/application/projects/delete-project.js';
import { RollBackMigration } from '../../../src/application/projects/roll-back-migration.js';
import { RotateEncryptionKey } from '../../../src/application/projects/rotate-encryption-key.js';
import { UpdateProject } from '../../../src/application/projects/update-project.js';
import { ViewMigrations } from '../../../src/application/projects/view-migrations.js';
import { ViewProjects } from '../../../src/application/projects/view-projects.js';
import { CheckReadiness } from '../../../src/application/server-info/check-readiness.js';
import { ListNodes } from '../../../src/application/server-info/list-nodes.js';
import { ReadAudit } from '../../../src/application/server-info/read-audit.js';
import { ReadMetrics } from '../../../src/application/server-info/read-metrics.js';
import { Snapshots } from '../../../src/application/snapshots/snapshots.js';
import { ExportEntries } from '../../../src/application/transfer/export-entries.js';
import { ImportEntries } from '../../../src/application/transfer/import-entries.js';
import type { Identity, Scope } from '../../../src/domain/api-key.js';
import { AppError } from '../../../src/domain/errors.js';
import { patchOf } from '../../../src/domain/json/merge-patch.js';
import type { Operation } from '../../../src/domain/operation.js';
import { type Access, accessTable } from '../../api/api-keys/access-table.js';
import { TOUCHED } from '../../harness/caller-kinds.js';

/** One call of a use case. */
export interface UseCaseCall {
  resolve<T>(token: InjectionToken<T>): T;
  readonly caller: Identity;
  readonly project: string;
  readonly key: string;
  /** Text of JSON. */
  readonly value: string;
}

export interface Row {
  readonly access: Access;
  call(call: UseCaseCall): unknown;
  /** The code of a call that was allowed and finds nothing to do; it succeeds if this is left out. */
  readonly allowed?: 'not_found' | 'conflict' | 'invalid';
  readonly takesKey?: true;
  readonly takesValue?: true;
  /** Refused in a project that hides its keys. */
  readonly hides?: true;
  /** The value under the key before the call. */
  readonly before?: string;
}

const accessOf = (route: string) => accessTable[route] as Access;
const list: Access = { needs: ['list'], prefix: 'slice' };
const replace = { needs: ['write', 'delete'], prefix: 'closed' } as const;

function change(route: string, operation: (call: UseCaseCall) => Operation, more: Partial<Row> = {}): Row {
  return {
    access: accessOf(route),
    takesKey: true,
    call: (call) => call.resolve(ChangeEntry).execute(call.caller, call.project, operation(call)),
    ...more,
  };
}

const put = ({ key, value }: UseCaseCall): Extract<Operation, { kind: 'put' }> => ({
  kind: 'put',
  key,
  value: Buffer.from(value),
  contentType: 'application/json',
  expiry: 'never',
});

function update(
  needs: readonly Scope[],
  run: (entries: InteractiveTransaction, call: UseCaseCall) => unknown,
  more: Partial<Row> = {},
): Row {
  return {
    access: { needs, prefix: 'key' },
    takesKey: true,
    call: async (call) => {
      const one = { keys: [call.key], readsOnly: false, run: (entries: InteractiveTransaction) => run(entries, call) };
      await call.resolve(UpdateEntries).execute(call.caller, call.project, one);
    },
    ...more,
  };
}

function putIn(entries: InteractiveTransaction, call: UseCaseCall): void {
  entries.apply(put(call));
}

function runOne({ resolve, caller, project }: UseCaseCall, operation: Operation): unknown {
  return resolve(RunTransaction).execute(caller, project, { checks: [], operations: [operation] });
}

function importRow(mode: 'merge' | 'replace', access: Access, dryRun = false): Row {
  return {
    access,
    takesKey: true,
    takesValue: true,
    ...(dryRun ? { hides: true } : {}),
    call: ({ resolve, caller, project, key, value }) =>
      resolve(ImportEntries).execute(caller, project, exportOf(key, value), { mode, dryRun }),
  };
}

/** An export of one entry. */
async function* exportOf(key: string, text: string): AsyncGenerator<Buffer> {
  const header = { format: 'portkv-export', version: 1, project: 'p', created_at: 1 };
  const entry = { key, content_type: 'application/json', version: 'a', created_at: 1, updated_at: 1, text };
  const lines = `${JSON.stringify(header)}\n${JSON.stringify(entry)}\n`;
  const sha256 = createHash('sha256').update(lines).digest('hex');
  yield Buffer.from(`${lines}${JSON.stringify({ count: 1, sha256 })}\n`);
}

/** `Class.method`, and what is special about the call. Written by hand: a use case that is not here fails the test. */
export const useCaseTable: Readonly<Record<string, Row>> = {
  'GetEntry.execute': {
    access: accessOf('getItem'),
    takesKey: true,
    call: ({ resolve, caller, project, key }) => resolve(GetEntry).execute(caller, project, key),
  },
  'ChangeEntry.execute put': change('putItem', put, { takesValue: true }),
  'ChangeEntry.execute merge': change(
    'patchItem',
    ({ key, value }) => ({ kind: 'merge', key, patch: patchOf(value) }),
    {
      takesValue: true,
    },
  ),
  'ChangeEntry.execute append': change(
    'appendToItem',
    ({ key, value }) => ({ kind: 'append', key, value: Buffer.from(value), contentType: 'application/json' }),
    { takesValue: true },
  ),
  'ChangeEntry.execute increment': change('incrementItem', ({ key }) => ({ kind: 'increment', key, by: 1n }), {
    before: '1',
  }),
  'ChangeEntry.execute touch': change('touchItem', ({ key }) => ({ kind: 'touch', key, expiry: { ttl: 60_000 } })),
  'ChangeEntry.execute delete': change('deleteItem', ({ key }) => ({ kind: 'delete', key })),
  'ChangeEntry.execute put, to return the entry before': {
    ...change('putItem', (call) => ({ ...put(call), returnOld: true }), { takesValue: true }),
    access: { needs: ['write', 'read'], prefix: 'key' },
  },
  'ChangeEntry.execute delete, to return the entry before': {
    ...change('deleteItem', ({ key }) => ({ kind: 'delete', key, returnOld: true })),
    access: { needs: ['delete', 'read'], prefix: 'key' },
  },
  'ChangeEntry.execute get': change('getItem', ({ key }) => ({ kind: 'get', key })),
  'RunTransaction.execute': {
    access: accessOf('runTransaction'),
    takesKey: true,
    takesValue: true,
    call: (call) =>
      call.resolve(RunTransaction).execute(call.caller, call.project, {
        checks: [],
        operations: [put(call), { kind: 'get', key: `${TOUCHED}1` }, { kind: 'delete', key: `${TOUCHED}2` }],
      }),
  },
  'RunTransaction.execute put': {
    access: accessOf('putItem'),
    takesKey: true,
    takesValue: true,
    call: (call) => runOne(call, put(call)),
  },
  'RunTransaction.execute put, to return the entry before': {
    access: { needs: ['write', 'read'], prefix: 'key' },
    takesKey: true,
    takesValue: true,
    call: (call) => runOne(call, { ...put(call), returnOld: true }),
  },
  'RunTransaction.execute delete, to return the entry before': {
    access: { needs: ['delete', 'read'], prefix: 'key' },
    takesKey: true,
    call: (call) => runOne(call, { kind: 'delete', key: call.key, returnOld: true }),
  },
  'RunTransaction.execute sequential': {
    access: accessOf('runTransaction'),
    takesKey: true,
    takesValue: true,
    call: (call) =>
      call.resolve(RunTransaction).execute(call.caller, call.project, {
        checks: [],
        operations: [{ kind: 'delete', key: `${TOUCHED}3` }, { kind: 'get', key: call.key }, put(call)],
        sequential: true,
      }),
  },
  'RunTransaction.execute check': {
    access: accessOf('getItem'),
    takesKey: true,
    call: ({ resolve, caller, project, key }) =>
      resolve(RunTransaction).execute(caller, project, { checks: [{ key, version: '*' }], operations: [] }),
  },
  'UpdateEntries.execute of a reader': update(['read'], (entries, { key }) => entries.get(key)),
  'UpdateEntries.execute of a reader of heads': update(['read'], (entries, { key }) => entries.head(key)),
  'UpdateEntries.execute put': update(['write'], (entries, call) => putIn(entries, call), { takesValue: true }),
  'UpdateEntries.execute put, after a look at the entry before': update(
    ['write'],
    (entries, call) => entries.before(call.key) && putIn(entries, call),
    { takesValue: true },
  ),
  'UpdateEntries.execute delete': update(['delete'], (entries, { key }) => {
    entries.apply({ kind: 'delete', key });
  }),
  'UpdateEntries.execute of both, of which one is undone': update(['read', 'write'], (entries, call) => {
    const refused = () => {
      putIn(entries, call);
      throw new AppError('conflict', 'undone');
    };
    try {
      entries.attempt(refused);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'conflict') throw error;
    }
    entries.get(call.key);
  }),
  'LatestEntry.execute keys': {
    access: accessOf('latestEntry'),
    takesKey: true,
    call: ({ resolve, caller, project, key }) => resolve(LatestEntry).execute(caller, project, { keys: [key] }),
  },
  'LatestEntry.execute prefix': {
    access: accessOf('latestEntry'),
    hides: true,
    call: ({ resolve, caller, project, key }) => resolve(LatestEntry).execute(caller, project, { prefix: key }),
  },
  'ListEntries.execute': {
    access: accessOf('listEntries'),
    hides: true,
    call: ({ resolve, caller, project }) => resolve(ListEntries).execute(caller, project, { limit: 10 }),
  },
  'ListEntries.heads of keys': {
    access: list,
    hides: true,
    call: ({ resolve, caller, project }) => resolve(ListEntries).heads(caller, project, { limit: 10 }, 'keys'),
  },
  'ListEntries.heads of metadata': {
    access: accessOf('listEntries'),
    hides: true,
    call: ({ resolve, caller, project }) => resolve(ListEntries).heads(caller, project, { limit: 10 }, 'metadata'),
  },
  'ListEntries.execute with a prefix': {
    access: { needs: ['list', 'read'], prefix: 'key' },
    hides: true,
    call: ({ resolve, caller, project, key }) =>
      resolve(ListEntries).execute(caller, project, { limit: 10, prefix: key }),
  },
  'ListEntries.all': {
    access: accessOf('listEntries'),
    hides: true,
    call: ({ resolve, caller, project }) => resolve(ListEntries).all(caller, project),
  },
  'ListEntries.count': {
    access: list,
    hides: true,
    call: ({ resolve, caller, project }) => resolve(ListEntries).count(caller, project, {}),
  },
  'MeasurePrefixes.total': {
    access: accessOf('listEntries'),
    hides: true,
    call: ({ resolve, caller, project }) => resolve(MeasurePrefixes).total(caller, project, {}),
  },
  'MeasurePrefixes.each': {
    access: { needs: ['list'], prefix: 'key' },
    hides: true,
    call: ({ resolve, caller, project, key }) => resolve(MeasurePrefixes).each(caller, project, [key], {}),
  },
  'RemoveEntries.execute': {
    access: accessOf('removeEntries'),
    call: ({ resolve, caller, project }) => resolve(RemoveEntries).execute(caller, project, {}),
  },
  'RemoveEntries.execute with a prefix': {
    access: accessOf('deleteItem'),
    call: ({ resolve, caller, project, key }) => resolve(RemoveEntries).execute(caller, project, { prefix: key }),
  },
  'RemoveEntries.execute to count': {
    access: accessOf('removeEntries'),
    hides: true,
    call: ({ resolve, caller, project }) => resolve(RemoveEntries).execute(caller, project, { dryRun: true }),
  },
  'AuthorizeWatch.execute': {
    access: accessOf('watchChanges'),
    hides: true,
    call: ({ resolve, caller, project }) => resolve(AuthorizeWatch).execute(caller, project, {}),
  },
  'AuthorizeWatch.execute keys': {
    access: { needs: ['watch'], prefix: 'key' },
    takesKey: true,
    call: ({ resolve, caller, project, key }) => resolve(AuthorizeWatch).execute(caller, project, { keys: [key] }),
  },
  'AuthorizeWatch.execute with values': {
    access: { needs: ['watch', 'read'], prefix: 'slice' },
    hides: true,
    call: ({ resolve, caller, project }) => resolve(AuthorizeWatch).execute(caller, project, { values: true }),
  },
  'CreateWatchTicket.execute': {
    access: accessOf('createWatchTicket'),
    call: ({ resolve, caller, project }) => resolve(CreateWatchTicket).execute(caller, project, {}),
  },
  'CreateWatchTicket.execute with values': {
    access: { needs: ['watch', 'read'], prefix: 'slice' },
    call: ({ resolve, caller, project }) => resolve(CreateWatchTicket).execute(caller, project, { values: true }),
  },
  'WaitForChanges.execute': {
    access: accessOf('watchChanges'),
    hides: true,
    call: async ({ resolve, caller, project }) => {
      const watch = await resolve(AuthorizeWatch).execute(caller, project, {});
      return resolve(WaitForChanges).execute({ ...watch, since: undefined, wait: 0 }, () => undefined);
    },
  },
  'ExportEntries.execute': {
    access: accessOf('exportStore'),
    hides: true,
    call: ({ resolve, caller, project }) => resolve(ExportEntries).execute(caller, project),
  },
  'ImportEntries.execute': importRow('merge', accessOf('importStore')),
  'ImportEntries.execute to replace': importRow('replace', replace),
  'ImportEntries.execute to count': importRow('merge', accessOf('importStore'), true),
  'ViewProjects.list': {
    access: accessOf('listProjects'),
    call: ({ resolve, caller }) => resolve(ViewProjects).list(caller),
  },
  'ViewProjects.get': {
    access: accessOf('getProject'),
    call: ({ resolve, caller, project }) => resolve(ViewProjects).get(caller, project),
  },
  'ViewProjects.durability': {
    access: accessOf('getProject'),
    call: ({ resolve, caller, project }) => resolve(ViewProjects).durability(caller, project),
  },
  'CreateProject.execute': {
    access: accessOf('createProject'),
    allowed: 'conflict',
    call: ({ resolve, caller }) => resolve(CreateProject).execute(caller, 'q', {}),
  },
  'DeleteProject.execute': {
    access: accessOf('deleteProject'),
    allowed: 'not_found',
    call: ({ resolve, caller }) => resolve(DeleteProject).execute(caller, 'nowhere'),
  },
  'UpdateProject.execute': {
    access: accessOf('updateProject'),
    call: ({ resolve, caller, project }) => resolve(UpdateProject).execute(caller, project, {}),
  },
  'RotateEncryptionKey.execute': {
    access: accessOf('rotateEncryptionKey'),
    allowed: 'conflict',
    call: ({ resolve, caller, project }) => resolve(RotateEncryptionKey).execute(caller, project),
  },
  'ViewMigrations.list': {
    access: accessOf('listMigrations'),
    call: ({ resolve, caller, project }) => resolve(ViewMigrations).list(caller, project),
  },
  'ViewMigrations.get': {
    access: accessOf('getMigration'),
    allowed: 'not_found',
    call: ({ resolve, caller, project }) => resolve(ViewMigrations).get(caller, project, 'none'),
  },
  'RollBackMigration.execute': {
    access: accessOf('rollBackMigration'),
    allowed: 'not_found',
    call: ({ resolve, caller, project }) => resolve(RollBackMigration).execute(caller, project, 'none'),
  },
  'Snapshots.list': {
    access: accessOf('listSnapshots'),
    call: ({ resolve, caller, project }) => resolve(Snapshots).list(caller, project),
  },
  'Snapshots.get': {
    access: accessOf('getSnapshot'),
    allowed: 'not_found',
    call: ({ resolve, caller, project }) => resolve(Snapshots).get(caller, project, 'none'),
  },
  'Snapshots.create': {
    access: accessOf('createSnapshot'),
    call: ({ resolve, caller, project }) => resolve(Snapshots).create(caller, project, 'manual'),
  },
  'Snapshots.delete': {
    access: accessOf('deleteSnapshot'),
    allowed: 'not_found',
    call: ({ resolve, caller, project }) => resolve(Snapshots).delete(caller, project, 'none'),
  },
  'Snapshots.verify': {
    access: accessOf('verifySnapshot'),
    allowed: 'not_found',
    call: ({ resolve, caller, project }) => resolve(Snapshots).verify(caller, project, 'none'),
  },
  'Snapshots.restore': {
    access: accessOf('restoreSnapshot'),
    allowed: 'not_found',
    call: ({ resolve, caller, project }) => resolve(Snapshots).restore(caller, project, 'none'),
  },
  'ListApiKeys.execute': {
    access: accessOf('listApiKeys'),
    call: ({ resolve, caller, project }) => resolve(ListApiKeys).execute(caller, project),
  },
  'CreateApiKey.execute': {
    access: accessOf('createApiKey'),
    takesKey: true,
    call: ({ resolve, caller, project, key }) => {
      const prefix = key === '' ? key : key.startsWith('in/') ? 'in/yes' : key;
      const wanted = { name: 'made', scopes: ['admin'] as const, prefix, expiresIn: 1 };
      return resolve(CreateApiKey).execute(caller, project, wanted);
    },
  },
  'DeleteApiKey.execute': {
    access: accessOf('deleteApiKey'),
    allowed: 'not_found',
    call: ({ resolve, caller, project }) => resolve(DeleteApiKey).execute(caller, project, 'aaaaaaaa'),
  },
  'RotateApiKey.execute': {
    access: accessOf('rotateApiKey'),
    allowed: 'not_found',
    call: ({ resolve, caller, project }) => resolve(RotateApiKey).execute(caller, project, 'aaaaaaaa', 0),
  },
  'RegenerateApiKey.execute': {
    access: accessOf('regenerateApiKey'),
    allowed: 'not_found',
    call: ({ resolve, caller }) => resolve(RegenerateApiKey).execute(caller, 'nowhere'),
  },
  'ListNodes.execute': {
    access: accessOf('listNodes'),
    call: ({ resolve, caller }) => resolve(ListNodes).execute(caller),
  },
  'ReadAudit.execute': {
    access: accessOf('readAudit'),
    call: ({ resolve, caller }) => resolve(ReadAudit).execute(caller, { limit: 1 }),
  },
  'ReadMetrics.execute': {
    access: accessOf('metrics'),
    call: ({ resolve, caller }) => resolve(ReadMetrics).execute(caller),
  },
  'CheckReadiness.execute': {
    access: 'open',
    call: ({ resolve }) => resolve(CheckReadiness).execute(),
  },
  'CheckReadiness.unclaimed': {
    access: 'open',
    call: ({ resolve }) => resolve(CheckReadiness).unclaimed(),
  },
  'CheckReadiness.warnings': {
    access: 'open',
    call: ({ resolve }) => resolve(CheckReadiness).warnings(),
  },
};
