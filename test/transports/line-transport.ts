import { isUtf8 } from 'node:buffer';
import { createServer, type Socket } from 'node:net';
import { IsInt } from 'class-validator';
import { rules } from '../../src/application/access/access-rules.js';
import { ActiveWatches } from '../../src/application/changes/active-watches.js';
import { AuthorizeWatch } from '../../src/application/changes/authorize-watch.js';
import { WaitForChanges } from '../../src/application/changes/wait-for-changes.js';
import { ChangeEntry } from '../../src/application/entries/change-entry.js';
import { GetEntry } from '../../src/application/entries/get-entry.js';
import { ListEntries } from '../../src/application/entries/list-entries.js';
import { clientError, InboundPipeline } from '../../src/application/inbound/inbound-pipeline.js';
import { splitLines } from '../../src/application/transfer/split-lines.js';
import type { Identity } from '../../src/domain/api-key.js';
import { listen } from '../../src/interfaces/listen.js';
import type { TransportKind, TransportServices } from '../../src/interfaces/transport.js';

const operations = new Map([
  ['AUTH', { id: 'authenticate', access: rules.member, changes: false }],
  ['GET', { id: 'getValue', access: rules.read, changes: false }],
  ['PUT', { id: 'putValue', access: rules.write, changes: true }],
  ['DELETE', { id: 'deleteValue', access: rules.remove, changes: true }],
  ['INCR', { id: 'incrementItem', access: rules.write, changes: true }],
  ['LIST', { id: 'listEntries', access: rules.listWithin, changes: false }],
  ['WATCH', { id: 'watchChanges', access: rules.watch, changes: false }],
]);

/** The reply to a command, a key or prefix, and a text or token; a function if it waits, which is no load. */
async function perform({ resolve }: TransportServices, to: [Identity, string], words: string[], gone: (() => void)[]) {
  const [command, key = '', text = ''] = words;
  const put = { kind: 'put', key, value: Buffer.from(text), contentType: 'text/plain', expiry: 'never' } as const;
  if (command === 'GET') return resolve(GetEntry).execute(...to, key);
  if (command === 'PUT') return resolve(ChangeEntry).execute(...to, put);
  if (command === 'DELETE') return resolve(ChangeEntry).execute(...to, { kind: 'delete', key });
  if (command === 'INCR') return resolve(ChangeEntry).execute(...to, { kind: 'increment', key, by: 1n });
  if (command === 'LIST') return resolve(ListEntries).execute(...to, { prefix: key, limit: 100 });
  if (command !== 'WATCH') return null;
  const allowed = { ...(await resolve(AuthorizeWatch).execute(...to, { prefix: key })), since: text || undefined };
  return () => resolve(WaitForChanges).execute({ ...allowed, wait: 30_000 }, (end) => gone.splice(1, 1, end));
}

const textOf = (name: string, it: unknown) => (name === 'value' && it ? Buffer.from(it as Buffer).toString() : it);
const okLine = async (it: unknown) => `OK ${JSON.stringify(typeof it === 'function' ? await it() : it, textOf)}\n`;
const errorLine = (it: unknown) => `ERROR ${clientError(it).code} ${JSON.stringify(clientError(it).message)}\n`;

class LineOptions {
  @IsInt() port = 0;
}

export const transport: TransportKind<LineOptions> = {
  Options: LineOptions,
  create(services, { port }) {
    const [pipeline, answers] = [services.resolve(InboundPipeline), new Map<Socket, Promise<string>>()];
    const serve = async (socket: Socket) => {
      const { remoteAddress: address = '' } = socket.on('error', () => socket.destroy());
      const gone: (() => void)[] = [() => answers.delete(socket)];
      socket.on('close', () => gone.map((end) => end()));
      answers.set(socket, Promise.resolve(''));
      let [project, secret] = ['', ''];
      for await (const line of splitLines(socket, 1024 * 1024)) {
        const [, ...words] = /^(\w*) ?([^ ]*) ?(.*)$/s.exec(line.toString().replace(/\r?\n$/, '')) ?? [];
        const operation = operations.get(words[0] ?? '');
        if (socket.destroyed || operation === undefined || !isUtf8(line)) return void socket.end('ERROR invalid\n');
        if (words[0] === 'AUTH') [, project = '', secret = ''] = words;
        const call = { operation, project, secret, requestId: crypto.randomUUID(), address: () => address };
        const reply = pipeline.handle('lines', call, (caller) => perform(services, [caller, project], words, gone));
        answers.set(socket, reply.then(okLine).catch(errorLine));
        socket.write((await answers.get(socket)) ?? '');
      }
    };
    const server = createServer((socket) => void serve(socket).catch(() => socket.destroy()));
    const address = async () => `tcp://127.0.0.1:${await listen(server, { host: '127.0.0.1', port })}`;
    const close = async () => {
      services.resolve(ActiveWatches).close();
      for (const [one, last] of answers) void last.then(() => one.setTimeout(1000, () => one.destroy()).destroySoon());
      await new Promise((done) => server.close(done));
    };
    return { name: 'lines', listen: address, close };
  },
};
