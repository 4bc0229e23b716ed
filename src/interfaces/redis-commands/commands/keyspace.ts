import type { EntryHead } from '../../../domain/entry.js';
import { argument, optionOf, positionArgument } from '../arguments.js';
import type { Arguments, KeyspaceCommand, KeyspaceServices, Session } from '../command.js';
import { Glob } from '../glob.js';
import { RedisError, syntaxError } from '../redis-error.js';
import { array, bulk, bulkOrNull, integer, OK, type Reply } from '../reply.js';
import { typeOf } from '../stored-type.js';

/** How many keys are read at one moment at most. */
const PAGE = 1000;
/** How many keys `KEYS` reads at one moment. */
const KEYS_PAGE = 10_000;
const ALL = Buffer.from('*');

/** All keys of a project, or, for a key with a prefix, those that it may touch. */
export const keyspaceCommands: readonly KeyspaceCommand[] = [
  {
    name: 'keys',
    arity: 2,
    flags: ['read'],
    execute: async (services, session, args) => {
      const [glob, keys] = [new Glob(argument(args, 1)), [] as Reply[]];
      let from: string | undefined;
      do {
        const page = await list(services, session, glob, { from, limit: KEYS_PAGE });
        for (const { key } of page.entries) if (glob.matches(key)) keys.push(bulk(key));
        from = page.next;
      } while (from !== undefined);
      return array(keys);
    },
  },
  { name: 'scan', arity: -2, flags: ['read'], execute: scan },
  { name: 'randomkey', arity: 1, flags: ['read'], execute: randomKey },
  {
    name: 'dbsize',
    arity: 1,
    flags: ['read', 'fast'],
    execute: async ({ listEntries }, { caller, project }) => integer(await listEntries.count(caller, project, {})),
  },
  { name: 'flushdb', arity: -1, flags: ['write'], execute: flush },
  { name: 'flushall', arity: -1, flags: ['write'], execute: flush },
];

interface ListedPage {
  readonly entries: readonly EntryHead[];
  readonly next: string | undefined;
}

/** A page of the keys that can match. A key with a prefix that begins like the pattern lists its own keys. */
function list(
  { listEntries }: KeyspaceServices,
  { caller, project }: Session,
  { prefix }: Glob,
  page: { from: string | undefined; limit: number },
): Promise<ListedPage> {
  const asked = caller.prefix?.startsWith(prefix) ? '' : prefix;
  return listEntries.heads(caller, project, { prefix: asked, ...page }, 'keys');
}

async function scan(services: KeyspaceServices, session: Session, args: Arguments): Promise<Reply> {
  const cursor = argument(args, 1).toString('latin1');
  if (!/^\d{1,20}$/.test(cursor)) throw new RedisError('invalid cursor');
  const { glob, count, type } = scanOptions(args);
  const from = cursor === '0' ? undefined : services.cursors.find(session.project, cursor);
  if (cursor !== '0' && from === undefined) throw new RedisError('invalid cursor');
  const { entries, next } = await list(services, session, glob, { from, limit: Math.min(count, PAGE) });
  const keys = entries.filter((entry) => glob.matches(entry.key) && (type === undefined || typeOf(entry) === type));
  const following = next === undefined ? '0' : services.cursors.issue(session.project, cursor, next);
  return array([bulk(following), array(keys.map(({ key }) => bulk(key)))]);
}

function scanOptions(args: Arguments): { glob: Glob; count: number; type: string | undefined } {
  let [pattern, count]: [Buffer, number] = [ALL, 10];
  let type: string | undefined;
  for (let i = 2; i < args.length; i += 2) {
    const [option, value] = [optionOf(argument(args, i)), args[i + 1]];
    if (value === undefined) throw syntaxError();
    if (option === 'MATCH') pattern = value;
    else if (option === 'TYPE') type = optionOf(value).toLowerCase();
    else if (option === 'COUNT') count = positionArgument(value);
    else throw syntaxError();
    if (count < 1) throw syntaxError();
  }
  return { glob: new Glob(pattern), count, type };
}

/** Each key is equally likely: counts them, and reads as many names as lie before the one that it picks. */
async function randomKey(services: KeyspaceServices, session: Session): Promise<Reply> {
  const { caller, project } = session;
  const count = await services.listEntries.count(caller, project, {});
  let skip = Math.floor(Math.random() * count);
  let last: string | undefined;
  let from: string | undefined;
  do {
    const page = await list(services, session, new Glob(ALL), { from, limit: PAGE });
    const found = page.entries[skip];
    if (found !== undefined) return bulk(found.key);
    last = page.entries.at(-1)?.key ?? last;
    skip -= page.entries.length;
    from = page.next;
  } while (from !== undefined);
  // Some were removed meanwhile.
  return bulkOrNull(last === undefined ? undefined : Buffer.from(last));
}

async function flush({ removeEntries }: KeyspaceServices, session: Session, args: Arguments): Promise<Reply> {
  const [option] = args.slice(1).map(optionOf);
  if (args.length > 2 || (option !== undefined && option !== 'ASYNC' && option !== 'SYNC')) throw syntaxError();
  await removeEntries.execute(session.caller, session.project, {});
  return OK;
}
