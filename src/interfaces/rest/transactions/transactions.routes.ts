import { rules } from '../../../application/access/access-rules.js';
import { named } from '../openapi/named-schemas.js';
import { digits, ref, shape, viewedExample } from '../openapi/schemas.js';
import { PROJECT } from '../routing/paths.js';
import type { Route } from '../routing/route.js';
import { defineRoute } from '../routing/route.js';
import { check, operations, transactionSchema } from './transaction.body.js';
import type { TransactionHandlers } from './transaction.handlers.js';

const old = { anyOf: [ref('Item'), { type: 'null' }], description: 'The entry before, with `"return": "old"`.' };
const version = { type: 'string' };
const increment = { version, value: { type: 'integer' }, value_text: digits, expires_at: { type: 'number' } };

const result = named('OperationResult', {
  description: 'By kind of operation. No member names the kind: the position of the operation says it.',
  oneOf: [
    named('WriteResult', shape({ version, old }, ['old'])),
    named('IncrementResult', shape(increment, ['expires_at'])),
    named('DeleteResult', shape({ existed: { type: 'boolean' }, old }, ['old'])),
    ref('Item'),
    ref('Metadata'),
    { type: 'null', description: 'Of `get` and `head`, if there is no entry.' },
  ],
});

/** The schema of a transaction with a name for each of its parts, and the operations as alternatives. */
const transaction = named('Transaction', {
  ...transactionSchema,
  properties: {
    ...transactionSchema.properties,
    checks: { ...transactionSchema.properties.checks, items: named('TransactionCheck', check) },
    operations: {
      ...transactionSchema.properties.operations,
      items: named('Operation', {
        oneOf: Object.entries(operations).map(([kind, members]) => operationSchema(kind, members)),
      }),
    },
  },
});

function operationSchema(kind: string, members: object): object {
  const name = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
  return named(`${name}Operation`, shape({ [kind]: named(`${name}Members`, members) }));
}

/** Several operations at one moment. */
export function transactionRoutes(transactions: TransactionHandlers): readonly Route[] {
  return [
    defineRoute({
      id: 'runTransaction',
      tag: 'Store',
      method: 'POST',
      path: `${PROJECT}/transactions`,
      summary: 'Run several operations at one moment, or none',
      description:
        'Up to 1,000 operations on distinct keys. Reads see the state before the writes. With `"sequential": true` ' +
        'each operation sees what those before it did, and a key may stand several times; checks are of the state ' +
        'before. If a check does not hold, nothing happens. Each operation needs its own scope (`get`, `head` and ' +
        'checks `read`, `delete` `delete`, the others `write`), and `read` to return the entry before; the new value ' +
        'of `increment` is shown only to keys with `read`.',
      access: rules.transaction,
      body: 'transaction',
      compressible: true,
      content: {
        schema: transaction,
        examples: {
          'application/json': {
            checks: [{ key: 'greeting', exists: true }],
            operations: [
              { get: { key: 'greeting' } },
              { put: { key: 'config', json: { on: true } } },
              { increment: { key: 'visits', by: 1 } },
              { delete: { key: 'old' } },
            ],
          },
        },
      },
      responses: {
        200: {
          description: 'Committed; results by position.',
          message: 'Transaction committed',
          data: shape({ committed: { const: true }, results: { type: 'array', items: result } }),
          example: {
            committed: true,
            results: [
              viewedExample,
              { version: 'g9w3kxq2b1' },
              { version: 'g9w3kxq2b1', value: 1, value_text: '1' },
              { existed: false },
            ],
          },
        },
      },
      errors: [
        'check_failed',
        'precondition_required',
        'unprocessable',
        'insufficient_scope',
        'insufficient_storage',
        'outcome_unknown',
      ],
      handle: transactions.run,
    }),
  ];
}
