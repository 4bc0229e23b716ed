import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';
import type { ExportHeader } from '../../domain/export/export-line.js';
import { rules } from '../access/access-rules.js';
import {
  beyondPrefix,
  covers,
  hasVisibleKeys,
  requireAccess,
  requireScope,
  requireVisibleKeys,
  seesFiles,
} from '../access/authorize.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { Keyspaces } from '../keyspace/keyspaces.js';
import { type Digest, NewDigest } from '../ports/digest.js';
import { Projects } from '../ports/registry/projects.js';
import { importBatches } from './import-batches.js';
import { type Imported, stamped } from './imported-entries.js';
import { countMergeImport, mergeImport } from './merge-import.js';
import { atLine, readExport } from './read-export.js';
import { countReplaceImport, replaceImport } from './replace-import.js';

export interface ImportOptions {
  readonly mode: 'merge' | 'replace';
  readonly dryRun?: boolean;
}

/** Imports an export into a project: merges it into the present entries, or replaces them. */
@injectable()
export class ImportEntries {
  constructor(
    @inject(Keyspaces) private readonly keyspaces: Keyspaces,
    @inject(Projects) private readonly projects: Projects,
    @inject(NewDigest) private readonly newDigest: NewDigest,
  ) {}

  /**
   * Rejects as `importInto` does, and with `insufficient_scope` and the line for an entry beyond the caller's prefix.
   */
  async execute(
    caller: Identity,
    project: string,
    chunks: AsyncIterable<Uint8Array>,
    options: ImportOptions,
  ): Promise<Imported> {
    requireAccess(caller, rules.writeWithin, project);
    if (options.mode === 'replace') {
      requireScope(caller, 'delete');
      if (caller.prefix !== undefined) throw beyondPrefix(caller, 'write');
    }
    if (options.dryRun) requireVisibleKeys(this.projects.get(project));
    const requireCovered = (key: string) => {
      if (!covers(caller, key)) throw beyondPrefix(caller, 'write');
    };
    const { removed, kept, ...imported } = await importInto(
      this.keyspaces,
      project,
      chunks,
      this.newDigest(),
      options,
      requireCovered,
    );
    return {
      ...imported,
      ...(removed !== undefined && hasVisibleKeys(this.projects.get(project)) ? { removed } : {}),
      ...(kept !== undefined && seesFiles(caller) ? { kept } : {}),
    };
  }
}

/**
 * Replaces at one moment, after the whole export was found valid, or not at all. Merges while it reads; if it fails on
 * the way, the error's details say what was written (`put`, `unchanged`, `last_key`).
 */
export async function importInto(
  keyspaces: Keyspaces,
  project: string,
  chunks: AsyncIterable<Uint8Array>,
  digest: Digest,
  options: ImportOptions,
  requireAllowed: (key: string) => void = () => undefined,
): Promise<Imported> {
  const task = (keyspace: Keyspace) => importTo(keyspace, chunks, digest, options, requireAllowed);
  return options.mode === 'replace' ? keyspaces.replace(project, task) : task(await keyspaces.of(project));
}

async function importTo(
  keyspace: Keyspace,
  chunks: AsyncIterable<Uint8Array>,
  digest: Digest,
  { mode, dryRun = false }: ImportOptions,
  requireAllowed: (key: string) => void,
): Promise<Imported> {
  const batches = importBatches(entriesOf(keyspace, chunks, digest, mode, requireAllowed));
  const imported: Imported = { count: 0, put: 0, unchanged: 0, expired: 0 };
  if (dryRun) await (mode === 'merge' ? countMergeImport : countReplaceImport)(keyspace, batches, imported);
  else if (mode === 'merge') await mergeImport(keyspace, batches, imported);
  else await replaceImport(keyspace, await keyspace.staging.stageReplacement(), batches, imported);
  return imported;
}

async function* entriesOf(
  keyspace: Keyspace,
  chunks: AsyncIterable<Uint8Array>,
  digest: Digest,
  mode: ImportOptions['mode'],
  requireAllowed: (key: string) => void,
) {
  const accept = (header: ExportHeader) => {
    if (mode === 'merge' || (header.after ?? header.prefix) === undefined) return;
    throw new AppError('invalid', 'is of an export of some keys only (after, prefix); it can only be merged');
  };
  const { rules: limits } = keyspace;
  // Text may be written with escapes, which take at most three bytes for one.
  const longestLine = 3 * limits.maxValueBytes + 64 * 1024;
  for await (const numbered of readExport(chunks, digest, longestLine, accept)) {
    const { entry, line } = numbered;
    try {
      requireAllowed(entry.key);
      limits.check(stamped(entry, { now: 0, version: () => 0 }));
    } catch (error) {
      throw atLine(error, line);
    }
    yield numbered;
  }
}
