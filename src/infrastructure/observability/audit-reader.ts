import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { AuditPage, AuditPosition, AuditQuery, KeptAuditRecord } from '../../application/ports/audit.js';
import { diskError } from '../files/storage-errors.js';

/**
 * The records in these files that the query asks for, latest first; the files are given from the latest on. Each file
 * is read whole, and no further one once there are enough. A line that a crash cut off is left out.
 */
export async function readAuditFiles(paths: readonly string[], query: AuditQuery): Promise<AuditPage> {
  const { after } = query;
  const page = await pageAfter(paths, query);
  if (page !== undefined || after === undefined) return page ?? NOTHING;
  // The record was removed with its file, and all older ones before it.
  return (await pageAfter(paths, { ...query, after: undefined, until: after.time })) ?? NOTHING;
}

const NOTHING: AuditPage = { records: [], next: undefined };

/** The page after a record; undefined if there is no such record. */
async function pageAfter(paths: readonly string[], query: AuditQuery): Promise<AuditPage | undefined> {
  const records: KeptAuditRecord[] = [];
  const places = new Places();
  let isAfter = query.after === undefined;
  let last: Place | undefined;
  for (const path of paths) {
    for (const line of (await textOf(path)).split('\n').reverse()) {
      if (!isAfter) {
        isAfter = places.isAt(line, query.after as AuditPosition);
        continue;
      }
      const record = recordOf(line);
      if (record === undefined) continue;
      const place = places.of(line, record.time);
      if (!isAskedFor(record, query)) continue;
      if (records.length >= query.limit) return { records, next: last && positionOf(last) };
      records.push(record);
      last = place;
    }
  }
  return isAfter ? { records, next: undefined } : undefined;
}

type Place = Omit<AuditPosition, 'digest'> & { readonly line: string };

/** Where lines are: equal ones, which have the same time, are told apart by their number. */
class Places {
  #time = Number.NaN;
  readonly #equal = new Map<string, number>();

  of(line: string, time: number): Place {
    if (time !== this.#time) this.#equal.clear();
    this.#time = time;
    const nth = (this.#equal.get(line) ?? 0) + 1;
    this.#equal.set(line, nth);
    return { time, line, nth };
  }

  isAt(line: string, { time, digest, nth }: AuditPosition): boolean {
    if (!line.includes(new Date(time).toISOString()) || recordOf(line)?.time !== time) return false;
    const place = this.of(line, time);
    return place.nth === nth && positionOf(place).digest === digest;
  }
}

function positionOf({ time, line, nth }: Place): AuditPosition {
  return { time, nth, digest: createHash('sha256').update(line).digest('base64url').slice(0, 12) };
}

function isAskedFor(record: KeptAuditRecord, query: AuditQuery): boolean {
  const { time, outcome } = record;
  const { since = 0, until = Number.POSITIVE_INFINITY, outcome: asked } = query;
  if (time < since || time >= until) return false;
  if (asked !== undefined && (asked === 'failed' ? outcome === 'done' : outcome !== asked)) return false;
  return (['project', 'act', 'who'] as const).every(
    (name) => query[name] === undefined || query[name] === record[name],
  );
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
