import { join } from 'node:path';
import type { Router } from 'express';
import { compressed } from '../response/compression.js';
import { renderMarkdown } from './markdown.js';
import { pageRouter } from './page-router.js';
import { StaticFiles } from './static-files.js';

/** The folder to which the build copies the files of these pages. */
const FILES = join(import.meta.dirname, '../../../../docs');

/** Only content from this server, and the images that are part of the style sheet. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

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

/** The pages below `/docs`: the API to try out, and the list of errors. */
export function docsRouter(): Router {
  const files = new StaticFiles(FILES);
  const router = pageRouter(POLICY);
  router.get('/', (request, response) => {
    if (request.originalUrl.split('?', 1)[0]?.endsWith('/')) response.redirect('../docs');
    else response.type('html').send(PAGE);
  });
  router.get('/start.js', (_, response) => void response.type('js').send(START));
  router.get('/errors', async (request, response) => {
    const page = renderMarkdown('Errors', String(await files.read('errors.md')));
    const smaller = await compressed(page, request.headers['accept-encoding']?.toString());
    if (smaller !== undefined) response.set('Content-Encoding', smaller.encoding);
    response
      .vary('Accept-Encoding')
      .type('html')
      .send(smaller?.body ?? page);
  });
  router.use(async (request, response, next) => {
    if (!(await files.send(request.path, 'public, max-age=0', request, response))) next();
  });
  return router;
}
