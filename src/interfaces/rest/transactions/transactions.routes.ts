import { rules } from '../../../application/access/access-rules.js';
import { named } from '../openapi/named-schemas.js';
import { ref, shape, viewedExample } from '../openapi/schemas.js';
import { PROJECT } from '../routing/paths.js';
import type { Route } from '../routing/route.js';
import { defineRoute } from '../routing/route.js';
import { check, operations, transactionSchema } from './transaction.body.js';
import type { TransactionHandlers } from './transaction.handlers.js';

const result = named('OperationResult', {
  description: 'By kind of operation. No member names the kind: the position of the operation says it.',
  oneOf: [
    named('WriteResult', shape({ version: { type: 'string' } })),
    named('IncrementResult', shape({ version: { type: 'string' }, value: { type: 'integer' } })),
    named('DeleteResult', shape({ existed: { type: 'boolean' } })),
    ref('Item'),
    ref('Metadata'),
    { type: 'null', description: 'Of `get` and `head`, if there is no entry.' },
  ],
});

/** The schema of a transaction with a name for each of its parts, and the operations as alternatives. */
const transaction = named('Transaction', {
  ...transactionSchema,
  properties: {
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
        'Up to 1,000 operations on distinct keys. Reads see the state before the writes. If a check does not hold, ' +
        'nothing happens. Each operation needs its own scope (`get`, `head` and checks `read`, `delete` `delete`, ' +
        'the others `write`); the new value of `increment` is shown only to keys with `read`.',
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
              { version: 'g9w3kxq2b1', value: 1 },
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
