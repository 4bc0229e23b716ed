import type { Ways } from './check-round-trip.js';
import { cloudflareReaders, cloudflareWriters } from './cloudflare-rows.js';
import { commandReaders } from './command-readers.js';
import { fileWriters } from './file-writers.js';
import { passages } from './passages.js';
import { routeReaders } from './route-readers.js';
import { routeWriters } from './route-writers.js';
import type { ServerWorld } from './server-world.js';
import { storeReaders } from './store-readers.js';
import type { StoreWorld } from './store-world.js';
import { storeWriters } from './store-writers.js';
import { unstorageReaders, unstorageWriters } from './unstorage-rows.js';
import { upstashReaders, upstashWriters } from './upstash-rows.js';

/** The projects on a server must name these. */
export const DIALECTS = ['unstorage', 'cloudflare', 'upstash'];

/** A type in a transaction is ASCII, in a program any line. */
const clientWriters = storeWriters(({ contentType }) => /^[ -~]+$/.test(contentType));
const libraryWriters = storeWriters(() => true);

/** Every way into and out of a project on a server: a new route that takes or returns values is a row here. */
export const onServer: Ways<ServerWorld & StoreWorld> = {
  writers: [
    ...routeWriters,
    ...unstorageWriters,
    ...cloudflareWriters,
    ...upstashWriters,
    ...fileWriters,
    ...clientWriters,
  ],
  passages,
  readers: [
    ...routeReaders,
    ...unstorageReaders,
    ...cloudflareReaders,
    ...upstashReaders,
    ...commandReaders,
    ...storeReaders,
  ],
};

/** The same of a store in a program. */
export const inProgram: Ways<StoreWorld> = {
  writers: libraryWriters,
  passages: [{ name: 'nothing', routes: [], pass: async () => undefined }],
  readers: storeReaders,
};
