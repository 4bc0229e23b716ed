// Builds when npm installs this folder, packs it, or installs it from git.
import { execSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Standard output has the name of the package that `npm pack` makes, so this goes to standard error. */
const toStandardError = { stdio: ['ignore', 2, 2] };
const hasCompiler = () => existsSync('node_modules/typescript');
const isPacked = ['pack', 'publish'].includes(process.env.npm_command ?? '');

// A package without its programs would be of no use, and in a new clone there is nothing yet to build them with.
if (isPacked && !hasCompiler()) {
  execSync('npm ci --include=dev --ignore-scripts --no-audit --no-fund', toStandardError);
}
if (existsSync('src/main.ts') && hasCompiler()) execSync('npm run --silent build', toStandardError);
if (!existsSync('dist/src/main.js') && existsSync('src/main.ts')) {
  console.error(
    'PortKV was not built: npm left out the devDependencies, because of NODE_ENV=production or --omit=dev. ' +
      'Run `npm ci --include=dev && npm run build`.',
  );
  if (isPacked) process.exitCode = 1;
}
