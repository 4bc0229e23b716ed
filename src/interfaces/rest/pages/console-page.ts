import { join } from 'node:path';
import type { Router } from 'express';
import { AppError } from '../../../domain/errors.js';
import { pageRouter } from './page-router.js';
import { etagOf, StaticFiles } from './static-files.js';

/** The folder into which the build puts the console. */
const FILES = join(import.meta.dirname, '../../../../console');

/** Only content from this server; images also from values that are shown. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob: data:; " +
  "font-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'";

const FOREVER = 'public, max-age=31536000, immutable';
const CHECKED = 'no-cache';

const OFF = 'The console is off: "system": {"console": {"enabled": true}} in config.json turns it on';
const NOT_BUILT = 'The files of the console are missing: npm run build makes them in dist/console';

/**
 * The console, one page for the paths of all its views. Its element `base` names the path of the console, relative to
 * the view: so it works below any path prefix of a proxy.
 */
export function consoleRouter(isEnabled: () => boolean, folder = FILES): Router {
  const files = new StaticFiles(folder);
  const router = pageRouter(POLICY);
  router.use((_, __, next) => {
    if (!isEnabled()) throw new AppError('not_found', OFF);
    next();
  });
  router.get('/', (request, response, next) => {
    const [path = '', query] = request.originalUrl.split('?', 2);
    // Relative, because a proxy may have taken a prefix away.
    if (path.endsWith('/')) next();
    else response.redirect(query === undefined ? 'console/' : `console/?${query}`);
  });
  router.use('/assets', async (request, response) => {
    if (!(await files.send(`/assets${request.path}`, FOREVER, request, response))) {
      throw new AppError('not_found', `There is no ${request.originalUrl.split('?', 1)[0]}`);
    }
  });
  router.use(async (request, response) => {
    if (request.path !== '/index.html' && (await files.send(request.path, CHECKED, request, response))) return;
    const page = await files.read('index.html');
    if (page === undefined) throw new AppError('not_found', NOT_BUILT);
    const text = page.toString().replace('<head>', `<head>\n<base href="${baseOf(request.path)}">`);
    response
      .set({ 'Cache-Control': CHECKED, ETag: etagOf(text) })
      .type('html')
      .send(text);
  });
  return router;
}

/** The relative address of the console from one of its paths. */
function baseOf(path: string): string {
  return '../'.repeat(path.split('/').length - 2) || './';
}
