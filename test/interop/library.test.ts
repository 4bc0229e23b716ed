import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'portkv';
import { expect, it } from 'vitest';

it('is installed as other programs install it', async () => {
  const path = await mkdtemp(join(tmpdir(), 'portkv-interop-'));
  const store = await open({ path, engine: 'memory' });
  await store.put('greeting', { text: 'hello' });
  expect((await store.get('greeting'))?.value).toEqual({ text: 'hello' });
  await store.close();
  await rm(path, { recursive: true });
});
