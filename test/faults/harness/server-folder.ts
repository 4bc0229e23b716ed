import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocalEngineName } from '../../../src/infrastructure/storage/engines/registry.js';
import { ENGINE_FIXTURES } from '../../contract/engine-fixtures.js';

/** The settings of a project under test. */
export interface ProjectSpec {
  readonly id: string;
  readonly engine: string;
  readonly durable: boolean;
  readonly encrypted: boolean;
  readonly options?: object;
  /** The API key of the project; it needs none if this is undefined. */
  readonly key?: string;
}

/** Every engine, plain and encrypted: the projects `lmdb`, `lmdb-encrypted` and so on. */
export const ALL_PROJECTS: readonly ProjectSpec[] = Object.entries(ENGINE_FIXTURES).flatMap(
  ([engine, { durable, options }]) => {
    const more = options === undefined ? {} : { options };
    return [
      { id: engine, engine, durable, encrypted: false, ...more },
      { id: `${engine}-encrypted`, engine, durable, encrypted: true, ...more },
    ];
  },
);

/** `FAULTS_ENGINE=lmdb,directory` limits what is tested to these engines. */
const ONLY = process.env.FAULTS_ENGINE?.split(',');

/** The engines that keep acknowledged writes. */
export const DURABLE_ENGINES = Object.entries(ENGINE_FIXTURES)
  .filter(([name, { durable }]) => durable && ONLY?.includes(name) !== false)
  .map(([name]) => name as LocalEngineName);

export const DURABLE_PROJECTS: readonly ProjectSpec[] = ALL_PROJECTS.filter(({ engine }) =>
  DURABLE_ENGINES.includes(engine as LocalEngineName),
);

/** The folder of a server: its configuration, without authentication, and its data. */
export class ServerFolder {
  private constructor(
    readonly path: string,
    /** Whether a project is on an engine of a package. */
    readonly hasPackages: boolean,
    /** The API keys of projects that have one. */
    readonly keys: ReadonlyMap<string, string>,
  ) {}

  static async make(subjects: readonly ProjectSpec[], more: object = {}, parent = tmpdir()): Promise<ServerFolder> {
    const hasPackages = subjects.some(({ engine }) => engine.startsWith('package:'));
    const keys = new Map(subjects.flatMap(({ id, key }) => (key === undefined ? [] : [[id, key]])));
    const folder = new ServerFolder(await mkdtemp(join(parent, 'portkv-')), hasPackages, keys);
    await writeFile(join(folder.path, 'test.keys'), `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
    const projects = subjects.map((subject) => ({
      id: subject.id,
      storage: storageOf(subject),
      authentication: subject.key === undefined ? { enabled: false } : { api_key: subject.key },
    }));
    const config = { system: { authentication: { enabled: false }, ...more }, projects };
    await writeFile(folder.config, JSON.stringify(config), { mode: 0o600 });
    return folder;
  }

  get config(): string {
    return join(this.path, 'config.json');
  }

  get data(): string {
    return join(this.path, 'storage_data');
  }

  async placement(project: string) {
    return JSON.parse(await readFile(join(this.data, `${project}.placement.json`), 'utf8'));
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

/** The member `storage` of the settings of a project. */
export function storageOf({ engine, encrypted, options }: ProjectSpec): object {
  return {
    engine,
    ...(options === undefined ? {} : { options }),
    ...(encrypted ? { encryption: { key_file: 'test.keys' } } : {}),
  };
}
