import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../../../src/infrastructure/storage/engines/engine.js';
import { type JsonFileOptions, engine as sound } from '../../../src/infrastructure/storage/engines/json-file/engine.js';

/** json-file that forgets when it is closed which versions were issued. */
export const engine: Engine<JsonFileOptions> = {
  ...sound,
  async open(location, options, log) {
    const store = await sound.open(location, options, log);
    const close = store.close.bind(store);
    store.close = async () => {
      await close();
      const path = join(location.folder, `${location.project}.placement.json`);
      const placement = JSON.parse(await readFile(path, 'utf8')) as object;
      await writeFile(path, JSON.stringify({ ...placement, version_floor: 0, in_place: undefined }));
    };
    return store;
  },
};
