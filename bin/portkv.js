#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/src/main.js', import.meta.url);
if (!existsSync(main)) {
  console.error(
    'PortKV is not built yet. Run `npm ci --include=dev && npm run build` in its folder, then start it again.',
  );
  process.exit(1);
}
await import('reflect-metadata');
const { run } = await import(main.href);
await run(process.argv);
