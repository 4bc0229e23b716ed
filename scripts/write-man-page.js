// Part of `npm run build`: writes dist/man/portkv.1 from the same program that the command line runs.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import 'reflect-metadata';
import { programOf } from '../dist/src/interfaces/cli/program.js';
import { describeCommand } from '../dist/src/interfaces/cli/reference/command-tree.js';
import { manPage } from '../dist/src/interfaces/cli/reference/man-page.js';

const root = join(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
mkdirSync(join(root, 'dist/man'), { recursive: true });
writeFileSync(join(root, 'dist/man/portkv.1'), manPage(describeCommand(programOf(version, {})), version));
