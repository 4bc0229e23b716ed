import { inject, injectable } from 'tsyringe';
import { ExportEntries } from '../../../application/transfer/export-entries.js';
import { ImportEntries } from '../../../application/transfer/import-entries.js';
import { projectOf } from '../request/path-values.js';
import type { Reply } from '../response/reply.js';
import { flag, nonEmptyText, oneOf, type ParameterValues } from '../routing/query-parameters.js';
import type { ApiRequest } from '../routing/route.js';

export const exportParameters = {
  after: nonEmptyText('Only keys after this one, to continue a download that broke off; as of a new moment.', 'a'),
};

export const importParameters = {
  mode: oneOf('Whether entries that the export lacks stay (`merge`, the default) or are removed (`replace`).', [
    'merge',
    'replace',
  ]),
  dry_run: flag('Only checks and counts.'),
};

/** Export and import of a project's entries. */
@injectable()
export class TransferHandlers {
  constructor(
    @inject(ExportEntries) private readonly exportEntries: ExportEntries,
    @inject(ImportEntries) private readonly importEntries: ImportEntries,
  ) {}

  readonly export = async (request: ApiRequest<ParameterValues<typeof exportParameters>>): Promise<Reply> => {
    const project = projectOf(request);
    const body = await this.exportEntries.execute(request.caller, project, request.query.after);
    const headers = {
      'Content-Type': 'application/x-ndjson',
      'Content-Disposition': 'attachment',
      'Cache-Control': 'no-store',
    };
    return { status: 200, headers, body };
  };

  readonly import = async (request: ApiRequest<ParameterValues<typeof importParameters>>): Promise<Reply> => {
    const project = projectOf(request);
    const { caller, query, chunks } = request;
    const { mode = 'merge', dry_run: dryRun = false } = query;
    const imported = await this.importEntries.execute(caller, project, chunks, { mode, dryRun });
    const what = dryRun ? 'would be imported' : 'imported successfully';
    const message = `${imported.put} key-value pairs ${what} into project '${project}' store`;
    return { status: 200, data: JSON.stringify(imported), message };
  };
}
