// Copies the files that /docs serves to dist/docs; part of npm run build.
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const target = join(root, 'dist/docs');
const swagger = ['swagger-ui.css', 'swagger-ui-bundle.js', 'swagger-ui-bundle.js.LICENSE.txt', 'LICENSE', 'NOTICE'];
mkdirSync(target, { recursive: true });
for (const file of swagger) copyFileSync(join(root, 'node_modules/swagger-ui-dist', file), join(target, file));
for (const file of ['docs.css', 'docs.js']) {
  copyFileSync(join(root, 'src/interfaces/rest/pages/assets', file), join(target, file));
}
copyFileSync(join(root, 'docs/errors.md'), join(target, 'errors.md'));
