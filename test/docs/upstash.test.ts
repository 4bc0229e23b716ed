import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { commandTable } from '../../src/interfaces/redis-commands/redis-commands.js';

describe('docs/upstash.md', () => {
  it('lists every command once', async () => {
    const table = (await readFile('docs/upstash.md', 'utf8')).split('## Commands')[1] ?? '';
    const rows = table.split('\n').filter((line) => line.startsWith('|'));
    const listed = rows.flatMap((row) => [
      ...(row.split('|')[2] ?? '').replaceAll(/\([^)]*\)/g, '').matchAll(/`(\w+)`/g),
    ]);
    const names = listed.map(([, name = '']) => name.toLowerCase());
    expect(names.sort()).to.deep.equal([...commandTable.keys()].sort());
  });
});
