import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import express, { type Response, Router } from 'express';
import { AppError } from '../../domain/errors.js';
import { renderMarkdown } from './render-markdown.js';

/** Where the build puts the files that the pages need. */
const FILES = join(import.meta.dirname, '../../../docs');

/** Everything comes from this server; the pictures are those that the style sheet holds. */
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

/** Without a validator, which would be on another server. */
const START = `SwaggerUIBundle({
  url: new URL('openapi.json', location.href).href,
  dom_id: '#docs',
  deepLinking: true,
  validatorUrl: null,
});
`;

/** The pages below `/docs`: the API to try out, and the list of errors. The only answers that do not come from the route table. */
export function docsPages(): Router {
  const router = Router({ strict: true });
  router.use((request, response, next) => {
    if (request.method === 'OPTIONS') {
      response.setHeader('X-Request-Id', String(request.headers['x-request-id']));
      response.status(204).setHeader('Allow', ALLOW).end();
      return;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      const details = { allow: ALLOW };
      throw new AppError('method_not_allowed', `${request.method} is not possible here`, { details });
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
    else send(response, 'html', PAGE);
  });
  router.get('/start.js', (_, response) => send(response, 'js', START));
  router.get('/errors', async (_, response) => {
    send(response, 'html', renderMarkdown('Errors', await readFile(join(FILES, 'errors.md'), 'utf8')));
  });
  router.use(express.static(FILES, { index: false, redirect: false, dotfiles: 'ignore' }));
  return router;
}

function send(response: Response, type: string, body: string): void {
  response.type(type).send(body);
}
