import { inject, injectable } from 'tsyringe';
import { AuthorizeWatch } from '../../../application/changes/authorize-watch.js';
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
};

/** The change feed: a stream of events, or one response after another. */
@injectable()
export class ChangeHandlers {
  constructor(
    @inject(AuthorizeWatch) private readonly authorizeWatch: AuthorizeWatch,
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
      return {
        status: 200,
        headers: { 'Content-Type': STREAM_TYPE, ...NO_STORE, 'X-Accel-Buffering': 'no' },
        stream: (out) => this.streams.open({ ...watch, view }, since, out),
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
}

function waitedJson({ changes, token, resync }: WaitResult, view: ValueView | undefined): string {
  const list = changes.map((change) => changeJson(change, view, `"event":"${change.event}",`));
  return `{"changes":[${list.join(',')}],"since":"${token}"${resync ? ',"resync":true' : ''}}`;
}
