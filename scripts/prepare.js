// Builds when npm installs this folder, packs it, or installs it from git.
import { execSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const isBuilt = existsSync('dist/src/main.js');
if (!existsSync('src/main.ts')) process.exit(0);
if (existsSync('node_modules/typescript')) execSync('npm run --silent build', { stdio: 'inherit' });
else if (!isBuilt) {
  console.error(
    'PortKV was not built: npm left out the devDependencies, because of NODE_ENV=production or --omit=dev. ' +
      'Run `npm ci --include=dev && npm run build`.',
  );
}
