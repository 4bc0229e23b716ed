import { expect, it } from 'vitest';
import { bundle, gzippedSize } from '../client/bundle.ts';

it.each(['keyv', 'unstorage', 'express-session', 'rate-limiter'])(
  'portkv/%s is small, and imports nothing',
  async (name) => {
    const text = await bundle(`export * from 'portkv/${name}';`, true);
    expect(text).not.toMatch(/\bimport\b|\brequire\b|\bBuffer\b|\bprocess\b/);
    expect(gzippedSize(text)).toBeLessThan(2048);
  },
);
