import { constants, promises } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { Engine } from '../../../src/infrastructure/storage/engines/engine.js';
import type { JsonFileOptions } from '../../../src/infrastructure/storage/engines/json-file/engine.js';

// json-file whose journal is not on the disk when a write returns.
const { open } = promises;
promises.open = (path, flags, mode) => open(path, typeof flags === 'number' ? flags & ~constants.O_DSYNC : flags, mode);
syncBuiltinESMExports();

export const { engine }: { readonly engine: Engine<JsonFileOptions> } = await import(
  '../../../src/infrastructure/storage/engines/json-file/engine.js'
);
