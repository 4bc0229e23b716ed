import { register } from 'node:module';

/**
 * Loaded into a server by `--import`: resolves `package:broken-NAME` to the module of that name here, and json-file to
 * the one that `BROKEN_JSON_FILE` names.
 */
const hooks = `
const instead = ${JSON.stringify(process.env.BROKEN_JSON_FILE ?? null)};
export function resolve(asked, context, next) {
  const isLoaded = asked === './json-file/engine.js' && context.parentURL.endsWith('/storage/engines/registry.js');
  const name = instead !== null && isLoaded ? instead : asked;
  if (!name.startsWith('broken-')) return next(name, context);
  return { url: new URL(name + '.js', ${JSON.stringify(import.meta.url)}).href, shortCircuit: true };
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
