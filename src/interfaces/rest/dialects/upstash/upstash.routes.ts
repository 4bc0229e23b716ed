import { rules } from '../../../../application/access/access-rules.js';
import { AppError } from '../../../../domain/errors.js';
import { type Parameters, text } from '../../routing/query-parameters.js';
import type { Route } from '../../routing/route.js';
import { routesOf } from '../dialect-route.js';
import type { UpstashHandlers } from './upstash.handlers.js';
import { upstashError } from './upstash-error.js';

const PROJECT = '/upstash/{project}';

/** The options of commands, which may also be in the query. */
const OPTIONS = [
  ...['EX', 'PX', 'EXAT', 'PXAT', 'NX', 'XX', 'GET', 'KEEPTTL', 'PERSIST', 'GT', 'LT'],
  ...['MATCH', 'COUNT', 'TYPE', 'REPLACE'],
];
const option = text('An option of the command.');
const query: Parameters = {
  ...Object.fromEntries(OPTIONS.flatMap((name) => [name, name.toLowerCase()]).map((name) => [name, option])),
  _token: {
    ...text('Is refused.'),
    parse: () => {
      throw new AppError('invalid', 'A key in a URL ends up in logs; send it as "Authorization: Bearer KEY"');
    },
  },
};

/** What Upstash's REST API has for commands. */
export function upstashRoutes(upstash: UpstashHandlers): readonly Route[] {
  const route = routesOf({ name: 'upstash', errorShape: upstashError });
  // Each command asks for the scopes that it needs.
  const common = { access: rules.transaction, changes: true } as const;
  return [
    route({
      id: 'runUpstash',
      method: 'POST',
      path: PROJECT,
      summary: 'Run a command',
      ...common,
      body: 'transaction',
      handle: upstash.run,
    }),
    route({
      id: 'pipelineUpstash',
      method: 'POST',
      path: `${PROJECT}/pipeline`,
      summary: 'Run commands one after another',
      ...common,
      body: 'transaction',
      handle: upstash.runPipeline,
    }),
    route({
      id: 'transactUpstash',
      method: 'POST',
      path: `${PROJECT}/multi-exec`,
      summary: 'Run commands at one moment',
      ...common,
      body: 'transaction',
      handle: upstash.runTransaction,
    }),
    route({
      id: 'runUpstashByGet',
      method: 'GET',
      path: `${PROJECT}/{command*}`,
      summary: 'Run the command in the path',
      ...common,
      query,
      handle: upstash.runPath,
    }),
    route({
      id: 'runUpstashByPost',
      method: 'POST',
      path: `${PROJECT}/{command*}`,
      summary: 'Run the command in the path, with the body as its last argument',
      ...common,
      query,
      body: 'value',
      handle: upstash.runPath,
    }),
  ];
}
