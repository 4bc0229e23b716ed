import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A copy of the tests of Redis that can run against a server that is not Redis. */
export interface SuiteSource {
  readonly folder: string;
  /** That of the Redis whose tests these are, if the source says it. */
  readonly version: string;
  remove(): Promise<void>;
}

/**
 * What is changed in the copy. Before each file, the suite deletes functions and sets options of the server, which is
 * no part of any test; and the sizes from which Redis changes the encoding of a value have no meaning here.
 */
const CHANGES: readonly { readonly file: string; readonly from: RegExp; readonly to: string }[] = [
  { file: 'support/server.tcl', from: /^( *)r function flush$/m, to: '$1catch {r function flush}' },
  {
    file: 'support/server.tcl',
    from: /^( *)r config set \$param \$val$/gm,
    to: '$1catch {r config set $$param $$val}',
  },
  {
    file: 'test_helper.tcl',
    from: /^proc r \{args\} \{$/m,
    to: '$&\n    if {[regexp {^config set (hash|set|zset|list)-max-} $args]} {return OK}',
  },
];

/** From a checkout or a tarball of Redis; from Debian's source package if neither is named. */
export async function prepareSuite(from: string | undefined): Promise<SuiteSource> {
  const folder = await mkdtemp(join(tmpdir(), 'portkv-redis-suite-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const source = await sourceOf(from, folder);
    await mkdir(join(folder, 'suite'));
    await cp(join(source, 'tests'), join(folder, 'suite/tests'), { recursive: true });
    await mkdir(join(folder, 'suite/tests/tmp'), { recursive: true });
    for (const { file, from: wanted, to } of CHANGES) {
      const path = join(folder, 'suite/tests', file);
      const text = await readFile(path, 'utf8');
      if (text.search(wanted) < 0) throw new Error(`${source}/tests/${file} is not as expected: it lacks ${wanted}`);
      await writeFile(path, text.replace(wanted, to));
    }
    return { folder: join(folder, 'suite'), version: await versionOf(source), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function sourceOf(from: string | undefined, folder: string): Promise<string> {
  const path = from === undefined ? await debianSource(folder) : resolve(from);
  const isFolder = (await stat(path)).isDirectory();
  const source = isFolder ? path : await extracted(path, folder);
  await stat(join(source, 'tests/test_helper.tcl'));
  return source;
}

/** The tarball of Debian's source package, by apt, which needs a line `deb-src` in its sources. */
async function debianSource(folder: string): Promise<string> {
  const download = join(folder, 'download');
  await mkdir(download);
  try {
    await run('apt-get', ['source', '--download-only', 'redis'], { cwd: download });
  } catch (error) {
    throw new Error(
      `apt-get source redis failed. Name a checkout or a tarball of Redis, or enable deb-src for apt. ${error}`,
    );
  }
  const tarball = (await readdir(download)).find((name) => name.includes('.orig.tar.'));
  if (tarball === undefined) throw new Error('the source package of redis has no .orig.tar file');
  return join(download, tarball);
}

async function extracted(tarball: string, folder: string): Promise<string> {
  const target = join(folder, 'source');
  await mkdir(target);
  await run('tar', ['--extract', '--file', tarball, '--directory', target, '--strip-components', '1']);
  return target;
}

async function versionOf(source: string): Promise<string> {
  const text = await readFile(join(source, 'src/version.h'), 'utf8').catch(() => '');
  return /REDIS_VERSION "([^"]+)"/.exec(text)?.[1] ?? 'unknown';
}
