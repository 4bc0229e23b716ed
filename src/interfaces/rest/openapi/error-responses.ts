import { errorTable } from '../response/error-response.js';
import type { RestErrorCode } from '../response/http-error.js';
import type { HeaderName } from '../routing/documented-headers.js';
import { headerRefs, ref, shape } from './schemas.js';

const codes = Object.keys(errorTable) as RestErrorCode[];

const code = {
  type: 'string',
  enum: codes,
  description: 'What went wrong. [The list of errors](/docs/errors) has the cause and cure of each.',
};

const text = (description: string) => ({ type: 'string', description });
const number = (description: string) => ({ type: 'number', description });

/** What may stand beside the code of an error, in both of its forms. */
const details = {
  path: text('The member of the body or of the settings that is wrong, such as `storage.engine`.'),
  errors: {
    type: 'array',
    items: shape({ path: { type: 'string' }, message: { type: 'string' } }),
    description: 'Each wrong member of the body and why.',
  },
  parameter: text('The query parameter that is wrong.'),
  header: text('The header that is wrong.'),
  key: text('The key that is refused.'),
  line: number('The line of the import that is wrong.'),
  column: number('The column that is wrong.'),
  required_scope: text('The scope that the key lacks; `system` or `project` if it is of the wrong kind.'),
  limit: text('The limit of the project that is reached, such as `max_value_bytes`.'),
  limit_value: { description: 'The value of that limit.' },
  limit_bytes: number('How many bytes are possible.'),
  limit_members: number('How many members are possible.'),
  size_bytes: number('The length of the value.'),
  sent: { description: 'What was sent instead.' },
  sent_bytes: number('How many bytes were sent.'),
  would_be: number('How many bytes or keys there would be.'),
  free_bytes: number('How many bytes are free.'),
  retry_after: number('In how many seconds to try again.'),
  version: { type: ['string', 'null'], description: 'The version of the entry now; null if there is none.' },
  failed: {
    type: 'array',
    items: shape({ index: { type: 'integer' }, key: { type: 'string' }, version: { type: ['string', 'null'] } }),
    description: 'The checks of the transaction that do not hold.',
  },
  existing: { type: 'array', items: { type: 'string' }, description: 'The files that are there already.' },
};

/** The schemas of the error codes and of the two forms of an error. */
export const errorSchemas = {
  RestErrorCode: code,
  ErrorDetails: {
    type: 'object',
    description: 'The code, and what belongs to it.',
    properties: { code: ref('RestErrorCode'), ...details },
    required: ['code'],
    additionalProperties: true,
  },
  Error: shape({
    System: { anyOf: [ref('System'), { type: 'null' }] },
    data: { type: 'null' },
    error: ref('ErrorDetails'),
    message: { type: 'string' },
    status_code: { type: 'integer', minimum: 400, maximum: 599 },
  }),
  Problem: {
    type: 'object',
    description: 'RFC 9457, for clients that accept `application/problem+json`.',
    properties: {
      type: { type: 'string', format: 'uri-reference' },
      title: { type: 'string' },
      status: { type: 'integer', minimum: 400, maximum: 599 },
      detail: { type: 'string' },
      code: ref('RestErrorCode'),
      ...details,
    },
    additionalProperties: true,
    required: ['type', 'title', 'status', 'detail', 'code'],
  },
};

const headersByStatus: Readonly<Record<number, readonly HeaderName[]>> = {
  401: ['WWW-Authenticate'],
  405: ['Allow'],
  415: ['Accept-Patch'],
  416: ['Content-Range'],
  429: ['Retry-After'],
  503: ['Retry-After'],
};

/** One response per status that an error can have, by the name under which routes refer to it. */
export const errorResponses = Object.fromEntries(
  [...new Set(codes.map((each) => errorTable[each].status))].map((status) => [responseName(status), response(status)]),
);

/** References to the responses of these errors, by status. */
export function errorRefs(errors: ReadonlySet<RestErrorCode>): Record<string, object> {
  const statuses = new Set([...errors].map((each) => errorTable[each].status));
  return Object.fromEntries(
    [...statuses].map((status) => [status, { $ref: `#/components/responses/${responseName(status)}` }]),
  );
}

function responseName(status: number): string {
  return `Error${status}`;
}

function response(status: number): object {
  const group = codes.filter((each) => errorTable[each].status === status);
  return {
    description: group.map((each) => `\`${each}\`: ${errorTable[each].title}.`).join(' '),
    headers: headerRefs(headersByStatus[status]),
    content: {
      'application/json': { schema: ref('Error'), examples: examplesOf(group, envelopeExample) },
      'application/problem+json': { schema: ref('Problem'), examples: examplesOf(group, problemExample) },
    },
  };
}

function examplesOf(group: readonly RestErrorCode[], example: (code: RestErrorCode) => object): object {
  return Object.fromEntries(group.map((each) => [each, { value: example(each) }]));
}

function envelopeExample(each: RestErrorCode): object {
  const { status, title } = errorTable[each];
  return { System: null, data: null, error: { code: each }, message: title, status_code: status };
}

function problemExample(each: RestErrorCode): object {
  const { status, title } = errorTable[each];
  return { type: `/docs/errors#${each}`, title, status, detail: title, code: each };
}
