import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { IsInt } from 'class-validator';
import { rules } from '../../src/application/access/access-rules.js';
import { ActiveWatches } from '../../src/application/changes/active-watches.js';
import { AuthorizeWatch } from '../../src/application/changes/authorize-watch.js';
import { ChangeEntry } from '../../src/application/entries/change-entry.js';
import { GetEntry } from '../../src/application/entries/get-entry.js';
import { ListEntries } from '../../src/application/entries/list-entries.js';
import type { Operation } from '../../src/application/inbound/call.js';
import { clientError, InboundPipeline } from '../../src/application/inbound/inbound-pipeline.js';
import type { Identity } from '../../src/domain/api-key.js';
import type { Change } from '../../src/domain/change.js';
import { passes } from '../../src/domain/key.js';
import type { Operation as EntryOperation } from '../../src/domain/operation.js';
import { listen } from '../../src/interfaces/listen.js';
import type { TransportKind, TransportServices } from '../../src/interfaces/transport.js';

type Run = (caller: Identity, project: string, key: string, text: string, socket: Socket) => unknown;

/** One line each: AUTH PROJECT KEY, then GET K, PUT K TEXT, DELETE K, INCR K, LIST PREFIX, WATCH PREFIX. */
function commandsOf({ resolve }: TransportServices) {
  const change = async (caller: Identity, project: string, operation: EntryOperation) =>
    (await resolve(ChangeEntry).execute(caller, project, operation)).after?.value ?? '';
  const get: Run = async (...[caller, project, key]) => (await resolve(GetEntry).execute(caller, project, key)).value;
  const put: Run = (caller, project, key, text) =>
    change(caller, project, { kind: 'put', key, value: Buffer.from(text), contentType: 'text/plain', expiry: 'never' });
  const list: Run = async (caller, project, prefix) => {
    const { entries } = await resolve(ListEntries).execute(caller, project, { prefix, limit: 100, keysOnly: true });
    return entries.map(({ key }) => key).join(' ');
  };
  const watch: Run = async (caller, project, prefix, _, socket) => {
    const { keyspace, filter } = await resolve(AuthorizeWatch).execute(caller, project, { prefix });
    const end = () => void socket.end();
    const changed = (changes: readonly Change[]) => {
      for (const { event, key } of changes) if (passes(filter, key)) socket.write(`${event} ${key}\n`);
    };
    keyspace.changes.subscribe({ changed, overflowed: () => socket.write('resync\n'), closed: end });
    resolve(ActiveWatches).add({ project, caller, filter, end });
    return prefix;
  };
  const remove: Run = (caller, project, key) => change(caller, project, { kind: 'delete', key });
  const increment: Run = (caller, project, key) => change(caller, project, { kind: 'increment', key, by: 1n });
  return new Map<string, Operation & { run: Run }>([
    ['AUTH', { id: 'whoAmI', access: 'open', changes: false, run: () => '' }],
    ['GET', { id: 'getValue', access: rules.read, changes: false, run: get }],
    ['PUT', { id: 'putValue', access: rules.write, changes: true, run: put }],
    ['DELETE', { id: 'deleteValue', access: rules.remove, changes: true, run: remove }],
    ['INCR', { id: 'incrementItem', access: rules.write, changes: true, run: increment }],
    ['LIST', { id: 'listEntries', access: rules.listWithin, changes: false, run: list }],
    ['WATCH', { id: 'watchChanges', access: rules.watch, changes: false, run: watch }],
  ]);
}

class LineOptions {
  @IsInt()
  port = 0;
}

export const transport: TransportKind<LineOptions> = {
  Options: LineOptions,
  create(services, { port }) {
    const [commands, pipeline] = [commandsOf(services), services.resolve(InboundPipeline)];
    const server = createServer(async (socket) => {
      let [project, secret] = ['', ''];
      for await (const line of createInterface({ input: socket.on('error', () => socket.destroy()) })) {
        const [, name = '', key = '', text = ''] = /^(\S*) ?(\S*) ?(.*)$/.exec(line) ?? [];
        if (name === 'AUTH') [project, secret] = [key, text];
        const operation = commands.get(name);
        if (operation === undefined) return socket.end('ERROR unknown\n');
        const call = { operation, project, secret, requestId: 'lines', address: () => socket.remoteAddress ?? '' };
        const run = async (caller: Identity) => `OK ${await operation.run(caller, project, key, text, socket)}`;
        const answer = pipeline.handle('lines', call, run).catch((error) => `ERROR ${clientError(error).code}`);
        socket.write(`${await answer}\n`);
      }
    });
    const listening = async () => `tcp://127.0.0.1:${await listen(server, { host: '127.0.0.1', port })}`;
    return { name: 'lines', listen: listening, close: () => new Promise((done) => server.close(() => done())) };
  },
};
