import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { AuditQuery, KeptAuditRecord } from '../../application/ports/audit.js';
import { diskError } from '../files/storage-errors.js';

/**
 * The records in these files that the query asks for, latest first; the files are given from the latest on. Each file
 * is read whole, and no further one once there are enough. A line that a crash cut off is left out.
 */
export async function readAuditFiles(paths: readonly string[], query: AuditQuery): Promise<readonly KeptAuditRecord[]> {
  const found: KeptAuditRecord[] = [];
  for (const path of paths) {
    const lines = (await textOf(path)).split('\n').reverse();
    for (const line of lines) {
      const record = recordOf(line);
      if (record === undefined || !isAskedFor(record, query)) continue;
      found.push(record);
      if (found.length >= query.limit) return found;
    }
  }
  return found;
}

function isAskedFor({ time, project }: KeptAuditRecord, { since = 0, until, project: asked }: AuditQuery): boolean {
  return time >= since && (until === undefined || time < until) && (asked === undefined || project === asked);
}

/** Empty if there is no such file. */
async function textOf(path: string): Promise<string> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    return await file.readFile('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw diskError(error, `cannot read ${path}`);
  }
}

function recordOf(line: string): KeptAuditRecord | undefined {
  try {
    const { time, who, act, project, address, request_id: requestId, outcome, repeated } = JSON.parse(line);
    return { time: Date.parse(time), who, act, project, address, requestId, outcome, repeated };
  } catch {
    return undefined;
  }
}
