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

const HEAD = `<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">`;

const PAGE = `<!doctype html>
<html lang="en">
<head>
${HEAD}
<title>PortKV: the API</title>
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="stylesheet" href="docs/docs.css">
</head>
<body>
<header class="page">
<nav><strong>PortKV</strong> NAVIGATION <a href="docs/errors">Errors</a> <a href="openapi.json">openapi.json</a></nav>
<form class="key" autocomplete="off">
<p>Paste a key of a project for its entries and settings, or the system key for the server and all projects.</p>
<div class="row">
<input type="password" name="key" aria-label="API key" placeholder="pkv_…" autocomplete="off" spellcheck="false">
<label><input type="checkbox" name="keep"> keep it in this tab, also for the console</label>
<button>Use</button>
<button type="button" class="quiet" hidden>Forget</button>
</div>
<output></output>
</form>
</header>
<div id="docs"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/docs.js"></script>
</body>
</html>
`;

/** The pages below `/docs`: the API to try out, and the list of errors. */
export function docsRouter(hasConsole: () => boolean): Router {
  const files = new StaticFiles(FILES);
  const router = pageRouter(POLICY);
  router.get('/', (request, response) => {
    if (request.originalUrl.split('?', 1)[0]?.endsWith('/')) response.redirect('../docs');
    else response.type('html').send(PAGE.replace('NAVIGATION', consoleLink(hasConsole(), '')));
  });
  router.get('/errors', async (request, response) => {
    const links = `${consoleLink(hasConsole(), '../')} <a href="../docs">API</a>`;
    const page = renderMarkdown('Errors', String(await files.read('errors.md')), {
      head: `${HEAD}\n<link rel="stylesheet" href="docs.css">`,
      header: `<header class="page"><nav><strong>PortKV</strong> ${links}</nav></header>`,
    });
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

function consoleLink(isOn: boolean, root: string): string {
  return isOn ? `<a href="${root}console/">Console</a>` : '';
}
