import { register } from 'node:module';

/** In a server's environment: the broken engine, `broken-NAME`, that is to stand in for json-file. */
export const INSTEAD = 'BROKEN_JSON_FILE';

/** Loaded into a server by `--import`: resolves `package:broken-NAME` to the module of that name here. */
const hooks = `
const instead = ${JSON.stringify(process.env[INSTEAD] ?? null)};
export function resolve(asked, context, next) {
  const isLoaded = asked === './json-file/engine.js' && context.parentURL.endsWith('/storage/engines.js');
  const name = instead !== null && isLoaded ? instead : asked;
  return name.startsWith('broken-') ? { url: new URL(name + '.js', ${JSON.stringify(import.meta.url)}).href, shortCircuit: true } : next(name, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
