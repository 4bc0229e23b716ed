import { inject, injectable } from 'tsyringe';
import { AuthorizeWatch } from '../../../application/changes/authorize-watch.js';
import { CreateWatchTicket } from '../../../application/changes/create-watch-ticket.js';
import { WaitForChanges, type WaitResult } from '../../../application/changes/wait-for-changes.js';
import type { ValueView } from '../../../domain/value.js';
import { projectOf } from '../request/path-values.js';
import { accepts } from '../response/accept.js';
import type { Reply } from '../response/reply.js';
import { keys, nonEmptyText, number, oneOf, type ParameterValues, text } from '../routing/query-parameters.js';
import type { ApiRequest } from '../routing/route.js';
import { as } from '../routing/value-view.js';
import { changeJson } from './change-json.js';
import { SseStreams } from './sse-streams.js';

const DEFAULT_WAIT = 30;
const STREAM_TYPE = 'text/event-stream';
const NO_STORE = { 'Cache-Control': 'no-store' };

export const changesParameters = {
  prefix: text('Only changes of keys that begin so.', 'user:'),
  key: keys('Only changes of this key.'),
  since: nonEmptyText(
    'Where to resume: the `id` of an event, or the `since` of a response. If it is left out: from now on.',
    'k3v9x0qa-g9w3kxq2b1',
  ),
  wait: number(
    'Without `Accept: text/event-stream`: how many seconds to wait for a change; 30 if it is left out.',
    0,
    60,
  ),
  include: oneOf('With the items that were put.', ['value']),
  as,
  ticket: nonEmptyText(
    'Instead of an API key, for clients that can send no header: from `changes/tickets`. It can be used once.',
    'pkt_Zk3v9x0qag9w3kxq2b1Zk3v9x0qag9w3kxq2b1Zk3v9',
  ),
};

export const ticketParameters = {
  prefix: text('The ticket is for keys that begin so.', 'user:'),
  include: oneOf('The ticket is also for `include=value`.', ['value']),
};

/** The change feed: a stream of events, or one response after another. */
@injectable()
export class ChangeHandlers {
  constructor(
    @inject(AuthorizeWatch) private readonly authorizeWatch: AuthorizeWatch,
    @inject(CreateWatchTicket) private readonly createTicket: CreateWatchTicket,
    @inject(WaitForChanges) private readonly waitForChanges: WaitForChanges,
    @inject(SseStreams) private readonly streams: SseStreams,
  ) {}

  readonly watch = async (request: ApiRequest<ParameterValues<typeof changesParameters>>): Promise<Reply> => {
    const project = projectOf(request);
    const { caller, headers, query } = request;
    const { prefix, key, wait = DEFAULT_WAIT } = query;
    const values = query.include === 'value';
    const view = values ? (query.as ?? 'auto') : undefined;
    const watch = await this.authorizeWatch.execute(caller, project, { prefix, keys: key, values });
    // A browser that reconnects repeats the address of its first request.
    const since = headers['last-event-id']?.toString() ?? query.since;
    if (accepts(headers.accept, STREAM_TYPE)) {
      const { changes } = watch.keyspace;
      const position = since === undefined ? changes.position : await changes.positionOf(since);
      return {
        status: 200,
        headers: { 'Content-Type': STREAM_TYPE, ...NO_STORE, 'X-Accel-Buffering': 'no' },
        stream: (out) => this.streams.open({ ...watch, view }, position, out),
      };
    }
    const waitMs = request.method === 'HEAD' ? 0 : wait * 1000;
    return {
      resolve: async (onGone) => {
        const waited = await this.waitForChanges.execute({ ...watch, since, wait: waitMs }, onGone);
        return { status: 200, headers: NO_STORE, data: waitedJson(waited, view), message: '' };
      },
    };
  };

  readonly ticket = async (request: ApiRequest<ParameterValues<typeof ticketParameters>>): Promise<Reply> => {
    const { prefix, include } = request.query;
    const asked = { prefix, values: include === 'value' };
    const { ticket, expiresAt } = await this.createTicket.execute(request.caller, projectOf(request), asked);
    const data = JSON.stringify({ ticket, expires_at: expiresAt / 1000 });
    return { status: 201, headers: NO_STORE, data, message: 'Ticket created successfully' };
  };
}

function waitedJson({ changes, token, resync }: WaitResult, view: ValueView | undefined): string {
  const list = changes.map((change) => changeJson(change, view, `"event":"${change.event}",`));
  return `{"changes":[${list.join(',')}],"since":"${token}"${resync ? ',"resync":true' : ''}}`;
}
