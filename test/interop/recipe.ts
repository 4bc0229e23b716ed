import { execFile } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What the last stage of a recipe says about running its image. */
export interface Image {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthCheck: readonly string[];
}

interface Stage {
  readonly root: string;
  folder: string;
  readonly env: Record<string, string>;
}

/** The instructions of a Dockerfile, each with the rest of its line. */
export function instructionsOf(dockerfile: string): (readonly [name: string, rest: string])[] {
  const lines = dockerfile.replaceAll(/^#.*\n/gm, '').replaceAll(/\\\n\s*/g, '');
  return [...lines.matchAll(/^([A-Z]+) +(.+)$/gm)].map(([, name = '', rest = '']) => [name, rest]);
}

/**
 * Follows a Dockerfile in folders of this machine, so no container engine is needed: COPY, RUN, WORKDIR and ENV in
 * every stage, with the programs that `path` leads to instead of those of the base image.
 */
export async function follow(dockerfile: string, context: string, folder: string, path: string): Promise<Image> {
  const stages = new Map<string, Stage>();
  const words: Record<string, readonly string[]> = {};
  let stage: Stage = { root: folder, folder, env: {} };
  for (const [name, rest] of instructionsOf(dockerfile)) {
    if (name === 'FROM') {
      const stageName = / AS (\w+)$/.exec(rest)?.[1] ?? 'last';
      const root = join(folder, stageName);
      stage = { root, folder: root, env: {} };
      stages.set(stageName, stage);
    } else if (name === 'WORKDIR') {
      stage.folder = join(stage.root, rest);
      await mkdir(stage.folder, { recursive: true });
    } else if (name === 'ENV') {
      Object.assign(stage.env, Object.fromEntries(rest.split(' ').map((each) => each.split('='))));
    } else if (name === 'COPY') {
      await copy(rest, stage, stages, context);
    } else if (name === 'RUN') {
      await run('sh', ['-c', rest], { cwd: stage.folder, env: { ...process.env, ...stage.env, PATH: path } });
    } else if (rest.includes('[')) {
      words[name] = JSON.parse(rest.slice(rest.indexOf('[')));
    }
  }
  const { ENTRYPOINT: entrypoint = [], CMD: command = [], HEALTHCHECK: healthCheck = [] } = words;
  return { folder: stage.folder, env: stage.env, entrypoint, command, healthCheck };
}

/** A folder is copied with its content into the target, as COPY does; a file into a target that ends with a slash. */
async function copy(rest: string, stage: Stage, stages: ReadonlyMap<string, Stage>, context: string): Promise<void> {
  const [, from, paths = ''] = /^(?:--from=(\w+) )?(.+)$/.exec(rest) ?? [];
  const sources = paths.split(' ');
  const target = sources.pop() ?? '.';
  const base = from === undefined ? context : (stages.get(from)?.root ?? '');
  for (const source of sources) {
    const to = target.endsWith('/') ? join(target, basename(source)) : target;
    await cp(join(base, source), join(stage.folder, to), { recursive: true, verbatimSymlinks: true });
  }
}
