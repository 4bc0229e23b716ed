import { inject, injectable } from 'tsyringe';
import { type Awaitable, andThen } from '../../../application/awaitable.js';
import { ChangeEntry } from '../../../application/entries/change-entry.js';
import { GetEntry } from '../../../application/entries/get-entry.js';
import type { WriteResult, WrittenEntry } from '../../../application/entries/write-result.js';
import { type Conditions, failedCondition, requireConditions, UNCONDITIONAL } from '../../../domain/condition.js';
import type { Entry } from '../../../domain/entry.js';
import { AppError } from '../../../domain/errors.js';
import { patchOf } from '../../../domain/json/merge-patch.js';
import type { Operation } from '../../../domain/operation.js';
import { DEFAULT_TYPES, formOf, type ValueView } from '../../../domain/value.js';
import { formatVersion } from '../../../domain/version.js';
import { jsonBodyText } from '../request/json-body.js';
import { keyOf, projectOf } from '../request/path-values.js';
import { conditionsOf, etagOf } from '../request/preconditions.js';
import { itemJson } from '../response/envelope.js';
import { httpDate } from '../response/http-date.js';
import type { Reply } from '../response/reply.js';
import type { ApiRequest } from '../routing/route.js';
import { byteRangeOf } from './byte-range.js';
import { contentTypeHeader } from './content-type-header.js';
import { readIncrement, readTouch } from './entry.bodies.js';
import { expiryOf } from './expiry-parameters.js';
import { metaHeader, metaOf, refuseMeta } from './meta-header.js';

const FORM = /^\s*application\/x-www-form-urlencoded\s*(?:;|$)/i;
const MERGE_PATCH = 'application/merge-patch+json';
/** Types that a browser would run or render as a page: a stored one is offered for download instead. */
const ACTIVE = /html|xml|svg/i;

type Show = (request: ApiRequest, entry: Entry) => Reply;

/** Reads and writes of one entry. */
@injectable()
export class EntryHandlers {
  constructor(
    @inject(GetEntry) private readonly getEntry: GetEntry,
    @inject(ChangeEntry) private readonly changeEntry: ChangeEntry,
  ) {}

  readonly getItem = (request: ApiRequest): Awaitable<Reply> => this.#read(request, itemReply);

  readonly getValue = (request: ApiRequest): Awaitable<Reply> => this.#read(request, valueReply);

  readonly putItem = (request: ApiRequest<{ ttl?: number }>): Awaitable<Reply> => {
    if (request.body.length === 0) {
      throw new AppError('invalid', 'Request body must be valid JSON or non-empty plain text');
    }
    const message = `Key '${keyOf(request)}' set successfully in project '${projectOf(request)}' store`;
    return andThen(this.#put(request), ({ before, after }) => ({
      ...done(message, after),
      ...oldData(request, before),
    }));
  };

  readonly putValue = (request: ApiRequest<{ ttl?: number }>): Awaitable<Reply> =>
    andThen(this.#put(request), ({ existed, after }) => ({ status: existed ? 204 : 201, headers: tag(after) }));

  readonly deleteItem = async (request: ApiRequest): Promise<Reply> => {
    const { before } = await this.#delete(request);
    const message = `Key '${keyOf(request)}' deleted successfully from project '${projectOf(request)}' store`;
    return { ...done(message), ...oldData(request, before) };
  };

  readonly deleteValue = async (request: ApiRequest): Promise<Reply> => {
    await this.#delete(request);
    return { status: 204 };
  };

  readonly patchItem = async (request: ApiRequest): Promise<Reply> => {
    const { after } = await this.#merge(request);
    return {
      ...done(`Key '${keyOf(request)}' patched successfully`, after),
      data: writtenJson(after as WrittenEntry),
    };
  };

  readonly patchValue = async (request: ApiRequest): Promise<Reply> => {
    const { after } = await this.#merge(request);
    return { status: 204, headers: tag(after) };
  };

  readonly increment = async (request: ApiRequest): Promise<Reply> => {
    const operation = { kind: 'increment', key: keyOf(request), ...readIncrement(request.body) } as const;
    const { after } = await this.#change(request, operation);
    return {
      ...done(`Key '${keyOf(request)}' incremented successfully`, after),
      data: counterJson(after as WrittenEntry),
    };
  };

  readonly append = async (request: ApiRequest): Promise<Reply> => {
    const { body } = request;
    const contentType = contentTypeOf(request);
    const { after } = await this.#change(request, { kind: 'append', key: keyOf(request), value: body, contentType });
    const data = sizeJson(after as WrittenEntry);
    return { ...done(`Key '${keyOf(request)}' appended to successfully`, after), data };
  };

  readonly touch = async (request: ApiRequest): Promise<Reply> => {
    const { after } = await this.#change(request, {
      kind: 'touch',
      key: keyOf(request),
      expiry: readTouch(request.body),
    });
    const { expiresAt, version } = after as WrittenEntry;
    const expires = expiresAt === undefined ? 'null' : String(expiresAt / 1000);
    const data = `{"expires_at":${expires},"version":"${formatVersion(version)}"}`;
    return { ...done(`Key '${keyOf(request)}' touched successfully`, after), data };
  };

  #read(request: ApiRequest, show: Show): Awaitable<Reply> {
    const conditions = conditionsOf(request.headers, true);
    return andThen(this.getEntry.execute(request.caller, projectOf(request), keyOf(request)), (entry) =>
      conditional(request, conditions, entry, show),
    );
  }

  #put(request: ApiRequest): Awaitable<WriteResult> {
    const expiry = expiryOf(request.query as { ttl?: number }, request.headers);
    const meta = metaOf(request.headers, request.query as { keep_meta?: boolean });
    const contentType = contentTypeOf(request);
    const returnOld = asksForOld(request);
    const value = request.body;
    return this.#change(request, { kind: 'put', key: keyOf(request), value, contentType, expiry, meta, returnOld });
  }

  #delete(request: ApiRequest): Awaitable<WriteResult> {
    return this.#change(request, { kind: 'delete', key: keyOf(request), returnOld: asksForOld(request) });
  }

  #merge(request: ApiRequest): Awaitable<WriteResult> {
    const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
    if (type !== MERGE_PATCH) {
      throw new AppError(
        'unsupported_media_type',
        `PATCH takes ${MERGE_PATCH}, not ${type ?? 'a body without a type'}`,
        {
          details: { accept_patch: MERGE_PATCH },
        },
      );
    }
    const patch = patchOf(jsonBodyText(request.body));
    return this.#change(request, { kind: 'merge', key: keyOf(request), patch });
  }

  #change(request: ApiRequest, operation: Operation): Awaitable<WriteResult> {
    if (operation.kind !== 'put') refuseMeta(request.headers);
    return this.changeEntry.execute(request.caller, projectOf(request), operation, conditionsOf(request.headers));
  }
}

function conditional(request: ApiRequest, conditions: Conditions, entry: Entry, show: Show): Reply {
  if (conditions === UNCONDITIONAL) return show(request, entry);
  const failed = failedCondition(conditions, entry);
  if (failed === 'ifNoneMatch' || failed === 'ifModifiedSince') return { status: 304, headers: validators(entry) };
  requireConditions(conditions, entry);
  return show(request, entry);
}

function itemReply(request: ApiRequest, entry: Entry): Reply {
  const { as: view } = request.query as { as?: ValueView };
  const message = `Key '${entry.key}' fetched successfully from project '${projectOf(request)}' store`;
  return { status: 200, headers: validators(entry), data: itemJson(entry, view), message };
}

function valueReply({ method, headers: sent }: ApiRequest, entry: Entry): Reply {
  const headers = validators(entry);
  headers['Content-Type'] = contentTypeHeader(entry.contentType);
  headers['Last-Modified'] = httpDate(entry.updatedAt);
  headers['KV-Created'] = String(entry.createdAt / 1000);
  if (entry.expiresAt !== undefined) headers['KV-Expires'] = String(entry.expiresAt / 1000);
  if (entry.meta !== undefined) headers['KV-Meta'] = metaHeader(entry.meta);
  if (ACTIVE.test(entry.contentType)) headers['Content-Disposition'] = 'attachment';
  headers['Accept-Ranges'] = 'bytes';
  const { value } = entry;
  const range = method === 'GET' ? byteRangeOf(sent, headers.ETag as string, value.length) : undefined;
  if (range === undefined) return { status: 200, headers, body: value };
  const { from, to } = range;
  headers['Content-Range'] = `bytes ${from}-${to - 1}/${value.length}`;
  return { status: 206, headers, body: value.subarray(from, to) };
}

function validators(entry: Entry): Record<string, string> {
  return { ETag: etagOf(entry.version), 'Cache-Control': 'private, no-cache' };
}

function tag(entry: WrittenEntry | undefined): Record<string, string> {
  return entry === undefined ? {} : { ETag: etagOf(entry.version) };
}

/** A written entry, with its value if the caller may read it. `more` is as in `itemJson`. */
function writtenJson(written: WrittenEntry, more = ''): string {
  const { value } = written;
  return value === undefined ? sizeJson(written) : itemJson({ ...written, value }, undefined, more);
}

/** A written integer, with its digits also as a string: many clients round numbers beyond 2^53. */
function counterJson(written: WrittenEntry): string {
  return writtenJson(written, `"value_text":"${Buffer.from(written.value ?? [])}",`);
}

function sizeJson({ sizeBytes, version }: WrittenEntry): string {
  return `{"size_bytes":${sizeBytes},"version":"${formatVersion(version)}"}`;
}

function asksForOld({ query }: ApiRequest): boolean {
  return (query as { return?: 'old' }).return === 'old';
}

/** The entry before a write as the data of its response. */
function oldData({ query }: ApiRequest, before: Entry | undefined): { data?: string } {
  const { as: view = 'auto' } = query as { as?: ValueView };
  return before === undefined ? {} : { data: itemJson(before, view) };
}

function done(message: string, after?: WrittenEntry): Reply & { message: string } {
  return { status: 200, headers: tag(after), message };
}

/**
 * The content type of the request, else the one that the bytes suggest. That of forms counts as none: curl and others
 * name it on their own, and no value is a form.
 */
function contentTypeOf({ headers, body }: ApiRequest): string {
  const named = headers['content-type'];
  return named === undefined || named === '' || FORM.test(named) ? DEFAULT_TYPES[formOf(body)] : named;
}
