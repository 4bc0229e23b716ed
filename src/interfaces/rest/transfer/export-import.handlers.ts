import { inject, injectable } from 'tsyringe';
import { beyondPrefix, requireScope } from '../../../application/access/authorize.js';
import { Projects } from '../../../application/ports/registry/projects.js';
import { ExportEntries } from '../../../application/transfer/export-entries.js';
import { ImportEntries } from '../../../application/transfer/import-entries.js';
import { isDiscoverable, requireDiscoverable } from '../entries/discoverable.js';
import { projectOf } from '../request/path-values.js';
import { flag, nonEmptyText, oneOf, type ParameterValues } from '../routing/query-parameters.js';
import type { ApiRequest, Reply } from '../routing/route.js';

export const exportParameters = {
  after: nonEmptyText('Only keys behind this one, to go on with a download that broke off; as of a new moment.', 'a'),
};

export const importParameters = {
  mode: oneOf('What becomes of entries that the export lacks: they stay (`merge`, the default) or go (`replace`).', [
    'merge',
    'replace',
  ]),
  dry_run: flag('Only checks and counts.'),
};

/** All entries of a project at once, out and in. */
@injectable()
export class TransferHandlers {
  constructor(
    @inject(Projects) private readonly projects: Projects,
    @inject(ExportEntries) private readonly exportEntries: ExportEntries,
    @inject(ImportEntries) private readonly importEntries: ImportEntries,
  ) {}

  readonly export = async (request: ApiRequest<ParameterValues<typeof exportParameters>>): Promise<Reply> => {
    const project = projectOf(request);
    const { identity, query } = request;
    requireScope(identity, 'list');
    requireDiscoverable(this.projects, project);
    const body = await this.exportEntries.execute(project, { after: query.after, prefix: identity.prefix });
    const headers = {
      'Content-Type': 'application/x-ndjson',
      'Content-Disposition': 'attachment',
      'Cache-Control': 'no-store',
    };
    return { status: 200, headers, body };
  };

  readonly import = async (request: ApiRequest<ParameterValues<typeof importParameters>>): Promise<Reply> => {
    const project = projectOf(request);
    const { identity, query, chunks } = request;
    const { mode = 'merge', dry_run: dryRun = false } = query;
    if (mode === 'replace') {
      requireScope(identity, 'delete');
      if (identity.prefix !== undefined) throw beyondPrefix(identity, 'write');
    }
    if (dryRun) requireDiscoverable(this.projects, project);
    const imported = await this.importEntries.execute(project, chunks, { mode, dryRun, identity });
    const { removed, ...told } = imported;
    const what = dryRun ? 'would be imported' : 'imported successfully';
    const message = `${imported.put} key-value pairs ${what} into project '${project}' store`;
    return { status: 200, data: JSON.stringify(isDiscoverable(this.projects, project) ? imported : told), message };
  };
}
