import { join } from 'node:path';
import { defineConfig } from 'vite';

/** Relative addresses, so that the console works under any path prefix; the server adds the base of each page. */
export default defineConfig({
  base: './',
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: {
    outDir: join(import.meta.dirname, '../../../dist/console'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    // One file of styles: Vite asks for that of a view only once, so that one which did not come is missing for good.
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    license: { fileName: 'THIRD-PARTY.md' },
  },
});
