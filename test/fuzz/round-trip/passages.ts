import { join } from 'node:path';
import { EXPORT_FORMATS } from '../../../src/interfaces/cli/transfer/formats/format.js';
import type { Passage } from './kept-entry.js';
import { command, type ServerWorld, succeed } from './server-world.js';

/** What a project's entries go through as a whole. */
export const passages: readonly Passage<ServerWorld>[] = [
  { name: 'nothing', routes: [], pass: async () => undefined },
  {
    name: 'a snapshot that is restored',
    routes: ['createSnapshot', 'restoreSnapshot'],
    pass: async (world) => {
      const { id } = (await succeed(world, 'POST', 'snapshots')).json.data;
      await succeed(world, 'DELETE', 'store');
      await succeed(world, 'POST', `snapshots/${id}/restore`);
      await succeed(world, 'DELETE', `snapshots/${id}`);
    },
  },
  {
    name: 'GET export and POST import',
    routes: ['exportStore', 'importStore'],
    pass: async (world) => {
      const { bytes } = await succeed(world, 'GET', 'export');
      await succeed(world, 'DELETE', 'store');
      await succeed(world, 'POST', 'import?mode=replace', { body: bytes });
    },
  },
  ...EXPORT_FORMATS.map((format) => ({
    name: `portkv export and import of ${format}`,
    routes: ['exportStore', 'importStore'],
    pass: async (world: ServerWorld) => {
      const file = join(world.folder, 'exported');
      await command(world, 'export', ['--format', format], [file]);
      await succeed(world, 'DELETE', 'store');
      await command(world, 'import', ['--format', format, '--mode', 'replace'], [file]);
    },
  })),
];
