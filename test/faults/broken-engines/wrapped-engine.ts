import type { Store } from '../../../src/application/ports/store.js';
import type { Engine } from '../../../src/infrastructure/storage/engines/engine.js';
import { type JsonFileOptions, engine as sound } from '../../../src/infrastructure/storage/engines/json-file/engine.js';
import type { Location } from '../../../src/infrastructure/storage/engines/location.js';
import { engine as memory } from '../../../src/infrastructure/storage/engines/memory/engine.js';

/** json-file with some calls of its store replaced. */
export function brokenEngine(replace: (store: Store) => Partial<Store>): Engine<JsonFileOptions> {
  return withReplaced(sound, replace);
}

/** The engine with some calls of its stores replaced. */
export function withReplaced<Options extends object>(
  engine: Engine<Options>,
  replace: (store: Store, location: Location) => Partial<Store>,
): Engine<Options> {
  return {
    ...engine,
    async open(location, options, log) {
      const store = await engine.open(location, options, log);
      const kept: Store = {
        get: (key) => store.get(key),
        getMany: (keys) => store.getMany(keys),
        scan: (range) => store.scan(range),
        scanHeads: (range) => store.scanHeads(range),
        expiring: (before, limit) => store.expiring(before, limit),
        size: () => store.size(),
        unreadable: () => store.unreadable(),
        commit: (batch) => store.commit(batch),
        close: () => store.close(),
      };
      return { ...kept, ...replace(store, location) };
    },
  };
}

/** The engine, but what it cannot open is taken for empty. */
export function emptyIfUnreadable<Options extends object>(engine: Engine<Options>): Engine<Options> {
  return {
    ...engine,
    async open(location, options, log) {
      try {
        return await engine.open(location, options, log);
      } catch {
        return memory.open(location, {}, log);
      }
    },
  };
}
