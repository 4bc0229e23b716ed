import { isUtf8 } from 'node:buffer';
import { inject, injectable } from 'tsyringe';
import { requireValidKey } from '../../../application/access/authorize.js';
import { RunTransaction } from '../../../application/entries/run-transaction.js';
import { AppError } from '../../../domain/errors.js';
import { MAX_OPERATIONS } from '../../../domain/limits.js';
import type { Operation } from '../../../domain/operation.js';
import type { Transaction } from '../../../domain/transaction.js';
import { DEFAULT_TYPES } from '../../../domain/value.js';
import { formatVersion } from '../../../domain/version.js';
import { hasKeyHeader } from '../request/api-key-header.js';
import { projectOf } from '../request/path-values.js';
import type { Reply } from '../response/reply.js';
import { decode } from '../routing/query-parameters.js';
import type { ApiRequest } from '../routing/route.js';

const FORM = 'application/x-www-form-urlencoded';
/** The most fields of a form, including empty ones and the one with the API key. */
const MAX_FIELDS = 2 * MAX_OPERATIONS;

/** Stores entries from an HTML form. */
@injectable()
export class FormHandlers {
  constructor(@inject(RunTransaction) private readonly runTransaction: RunTransaction) {}

  /** Each field is a key with its value; all are stored or none. */
  readonly storeForm = async (request: ApiRequest): Promise<Reply> => {
    const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
    if (type !== FORM) {
      throw new AppError('unsupported_media_type', `POST takes ${FORM} here, not ${type ?? 'a body without a type'}`);
    }
    if (!isUtf8(request.body)) throw new AppError('invalid', 'The form is not UTF-8');
    const isKey = (value: string) => value === request.call.secret || !hasKeyHeader(request.headers);
    const transaction = { checks: [], operations: fieldsOf(request.body.toString(), isKey) };
    const results = await this.runTransaction.execute(request.caller, projectOf(request), transaction);
    const versions = results.map(({ after }) => after && [after.key, { version: formatVersion(after.version) }]);
    const data = JSON.stringify(Object.fromEntries(versions as [string, object][]));
    return {
      status: 200,
      data,
      message: `${results.length} keys set successfully in project '${projectOf(request)}' store`,
    };
  };
}

/** The operations of a form. The field `auth` is an ordinary field if it is not the API key. */
function fieldsOf(form: string, isKey: (value: string) => boolean): Transaction['operations'] {
  const operations = new Map<string, Operation>();
  const fields = form.split('&', MAX_FIELDS + 1);
  if (fields.length > MAX_FIELDS) throw tooManyKeys('more');
  for (const field of fields) {
    const at = field.indexOf('=');
    if (field === '') continue;
    const key = decode(at < 0 ? field : field.slice(0, at));
    const text = at < 0 ? '' : decode(field.slice(at + 1));
    if (key === 'auth' && isKey(text)) continue;
    requireValidKey(key);
    if (operations.has(key)) throw new AppError('invalid', `field "${key}" stands twice`, { details: { path: key } });
    operations.set(key, {
      kind: 'put',
      key,
      value: Buffer.from(text),
      contentType: DEFAULT_TYPES.text,
      expiry: 'never',
    });
  }
  if (operations.size === 0) throw new AppError('invalid', 'the form names no key to store');
  if (operations.size > MAX_OPERATIONS) throw tooManyKeys(`${operations.size}`);
  return [...operations.values()];
}

function tooManyKeys(named: string): AppError {
  return new AppError('invalid', `a form may store at most ${MAX_OPERATIONS} keys, this one names ${named}`);
}
