import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import { rules } from '../access/access-rules.js';
import { requireAccess, requireScope, requireVisibleKeys } from '../access/authorize.js';
import { Keyspaces } from '../keyspace/keyspaces.js';
import { takeView } from '../keyspace/views/take-view.js';
import { NewDigest } from '../ports/digest.js';
import { Projects } from '../ports/registry/projects.js';
import { requireWhole } from '../stores/require-whole.js';
import { writeExport } from './write-export.js';

/** Writes the live entries of a project that the caller may read, as lines, as of one moment. */
@injectable()
export class ExportEntries {
  constructor(
    @inject(Keyspaces) private readonly keyspaces: Keyspaces,
    @inject(Projects) private readonly projects: Projects,
    @inject(NewDigest) private readonly newDigest: NewDigest,
  ) {}

  /** The moment is that of the first read. If reading fails later, the iteration rejects and the trailer is missing. */
  async execute(caller: Identity, project: string, after?: string): Promise<AsyncIterable<Buffer>> {
    requireAccess(caller, rules.readWithin, project);
    requireScope(caller, 'list');
    requireVisibleKeys(this.projects.get(project));
    const keyspace = await this.keyspaces.of(project);
    // Checked while an error can still be reported: after its first line an export can only break off.
    await requireWhole(keyspace.swappable);
    const range = { after, prefix: caller.prefix };
    const { newDigest } = this;
    return (async function* () {
      const view = await takeView(keyspace, range);
      yield* writeExport(view, { project, at: view.at, ...range }, newDigest);
    })();
  }
}
