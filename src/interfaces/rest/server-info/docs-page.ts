import { readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import express, { type NextFunction, type Request, type Response, Router } from 'express';
import { type Coding, codingOf, compress, compressed } from '../response/compression.js';
import { httpDate } from '../response/http-date.js';
import { HttpError } from '../response/http-error.js';
import { renderMarkdown } from './markdown.js';

/** The folder to which the build copies the files of these pages. */
const FILES = join(import.meta.dirname, '../../../../docs');

/** Only content from this server, and the images that are part of the style sheet. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const ALLOW = 'GET, HEAD, OPTIONS';

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>PortKV</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
`;

/** Without the validator, because it is on another server. */
const START = `SwaggerUIBundle({
  url: new URL('openapi.json', location.href).href,
  dom_id: '#docs',
  deepLinking: true,
  validatorUrl: null,
});
`;

/**
 * The pages below `/docs`: the API to try out, and the list of errors. No other responses come from outside the route
 * table.
 */
export function docsRouter(): Router {
  const router = Router({ strict: true });
  router.use((request, response, next) => {
    if (request.method === 'OPTIONS') {
      response.setHeader('X-Request-Id', String(request.headers['x-request-id']));
      response.status(204).setHeader('Allow', ALLOW).end();
      return;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw new HttpError('method_not_allowed', `${request.method} is not possible here`, { allow: ALLOW });
    }
    response.setHeaders(
      new Map([
        ['Content-Security-Policy', POLICY],
        ['X-Content-Type-Options', 'nosniff'],
        ['X-Request-Id', String(request.headers['x-request-id'])],
      ]),
    );
    next();
  });
  router.get('/', (request, response) => {
    if (request.originalUrl.split('?', 1)[0]?.endsWith('/')) response.redirect('../docs');
    else response.type('html').send(PAGE);
  });
  router.get('/start.js', (_, response) => void response.type('js').send(START));
  router.get('/errors', async (request, response) => {
    const page = renderMarkdown('Errors', await readFile(join(FILES, 'errors.md'), 'utf8'));
    const smaller = await compressed(page, request.headers['accept-encoding']?.toString());
    if (smaller !== undefined) response.set('Content-Encoding', smaller.encoding);
    response
      .vary('Accept-Encoding')
      .type('html')
      .send(smaller?.body ?? page);
  });
  router.get(['/swagger-ui.css', '/swagger-ui-bundle.js'], compressedFiles());
  router.use(express.static(FILES, { index: false, redirect: false, dotfiles: 'ignore' }));
  return router;
}

/**
 * Sends a file in the coding that the client prefers. Each is compressed once, because they are large and never change.
 */
function compressedFiles() {
  const cache = new Map<string, Promise<Buffer>>();
  const bodyOf = (path: string, coding: Coding): Promise<Buffer> => {
    const name = `${coding} ${path}`;
    const body = cache.get(name) ?? readFile(path).then((whole) => compress(whole, coding));
    cache.set(name, body);
    body.catch(() => cache.delete(name));
    return body;
  };
  return async (request: Request, response: Response, next: NextFunction): Promise<void> => {
    response.vary('Accept-Encoding');
    const coding = codingOf(request.headers['accept-encoding']?.toString());
    if (coding === undefined) return next();
    const path = join(FILES, request.path);
    const body = await bodyOf(path, coding);
    response.set('Content-Encoding', coding).set('Cache-Control', 'public, max-age=0');
    response
      .set('Last-Modified', httpDate((await stat(path)).mtimeMs))
      .type(extname(path))
      .send(body);
  };
}
