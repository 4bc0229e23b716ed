import { inject, injectable } from 'tsyringe';
import type { AuditPosition, KeptAuditRecord } from '../../../application/ports/audit.js';
import { ReadAudit } from '../../../application/server-info/read-audit.js';
import { AppError } from '../../../domain/errors.js';
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
  act: nonEmptyText('Only this operation, by its `operationId` in /openapi.json.', 'createApiKey'),
  who: nonEmptyText('Only what this caller did: the id of its key.', '3fg7kq2x'),
  outcome: nonEmptyText('`done`, the code of an error, or `failed` for all errors.', 'failed'),
  cursor: nonEmptyText('Where to go on: from the header `Link` of the page before.', 'MTc2MzYyNTYwMDUxMi4xLkFiQ2Q'),
  limit: integer(`The most records; ${DEFAULT_LIMIT} if it is left out.`, 1, MOST),
};

/** The audit log. */
@injectable()
export class AuditHandlers {
  constructor(@inject(ReadAudit) private readonly readAudit: ReadAudit) {}

  readonly read = async ({ caller, query }: ApiRequest<ParameterValues<typeof auditParameters>>): Promise<Reply> => {
    const { since, until, cursor, limit = DEFAULT_LIMIT, ...filter } = query;
    const { records, next } = await this.readAudit.execute(caller, {
      since: since === undefined ? undefined : since * 1000,
      until: until === undefined ? undefined : until * 1000,
      ...filter,
      after: cursor === undefined ? undefined : readCursor(cursor),
      limit,
    });
    return {
      status: 200,
      headers: next === undefined ? {} : { Link: `<${nextUrl(query, cursorOf(next))}>; rel="next"` },
      data: JSON.stringify(records.map(recordJson)),
      message: 'Audit records fetched successfully',
    };
  };
}

function recordJson({ time, who, act, project, address, requestId, outcome, repeated }: KeptAuditRecord): object {
  const where = { project: project ?? null, address: address ?? null };
  return { time: time / 1000, who, act, ...where, request_id: requestId, outcome, repeated: repeated ?? 0 };
}

function cursorOf({ time, digest, nth }: AuditPosition): string {
  return Buffer.from(`${time}.${nth}.${digest}`).toString('base64url');
}

/** Throws `invalid` for anything that `cursorOf` did not make. */
function readCursor(cursor: string): AuditPosition {
  const [time, nth, digest = ''] = Buffer.from(cursor, 'base64url').toString().split('.', 3);
  const position = { time: Number(time), nth: Number(nth), digest };
  if (position.time >= 0 && position.time <= LATEST * 1000 && cursorOf(position) === cursor) return position;
  throw new AppError('invalid', 'query parameter "cursor" was not returned by this list', {
    details: { parameter: 'cursor' },
  });
}

/** Where the next page is. */
function nextUrl(query: object, cursor: string): string {
  const members = Object.entries({ ...query, cursor }).map(([name, value]): [string, string] => [name, String(value)]);
  return `/api/v1/audit?${new URLSearchParams(members)}`;
}
