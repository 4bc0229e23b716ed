import { inject, injectable } from 'tsyringe';
import type { KeptAuditRecord } from '../../../application/ports/audit.js';
import { ReadAudit } from '../../../application/server-info/read-audit.js';
import type { Reply } from '../response/reply.js';
import { integer, nonEmptyText, number, type ParameterValues } from '../routing/query-parameters.js';
import type { ApiRequest } from '../routing/route.js';

const DEFAULT_LIMIT = 100;
const MOST = 1_000;
/** The end of the year 9999, in seconds since 1970. */
const LATEST = 253_402_300_799;

export const auditParameters = {
  since: number('Only records from this moment on, in seconds since 1970.', 0, LATEST),
  until: number('Only records before this moment, in seconds since 1970.', 0, LATEST),
  project: nonEmptyText('Only records about this project.', 'first_project'),
  limit: integer(`The most records; ${DEFAULT_LIMIT} if it is left out.`, 1, MOST),
};

/** The audit log. */
@injectable()
export class AuditHandlers {
  constructor(@inject(ReadAudit) private readonly readAudit: ReadAudit) {}

  readonly read = async ({ caller, query }: ApiRequest<ParameterValues<typeof auditParameters>>): Promise<Reply> => {
    const { since, until, project, limit = DEFAULT_LIMIT } = query;
    const records = await this.readAudit.execute(caller, {
      since: since === undefined ? undefined : since * 1000,
      until: until === undefined ? undefined : until * 1000,
      project,
      limit,
    });
    return {
      status: 200,
      data: JSON.stringify(records.map(recordJson)),
      message: 'Audit records fetched successfully',
    };
  };
}

function recordJson({ time, who, act, project, address, requestId, outcome, repeated }: KeptAuditRecord): object {
  const where = { project: project ?? null, address: address ?? null };
  return { time: time / 1000, who, act, ...where, request_id: requestId, outcome, repeated: repeated ?? 0 };
}
