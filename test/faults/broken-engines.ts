import { register } from 'node:module';

/** Loaded into a server by `--import`: resolves `package:broken-NAME` to the module of that name here. */
const hooks = `
export function resolve(name, context, next) {
  return name.startsWith('broken-') ? { url: new URL(name + '.js', ${JSON.stringify(import.meta.url)}).href, shortCircuit: true } : next(name, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
