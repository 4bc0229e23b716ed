/** An option of an engine, as a field of a form. */
export interface EngineOption {
  readonly name: string;
  readonly label: string;
  readonly kind: 'number' | 'text' | 'flag';
  readonly hint: string;
}

export interface EngineDescription {
  readonly name: string;
  readonly title: string;
  readonly text: string;
  readonly options: readonly EngineOption[];
  /** Whether it keeps the data on a server of another kind, whose URL it needs. */
  readonly onServer?: boolean;
}

const COMMIT_TIMEOUT: EngineOption = {
  name: 'commit_timeout',
  label: 'Longest commit, in seconds',
  kind: 'number',
  hint: 'After that the project is closed and opened again from the disk. 10 if this is empty.',
};

const URL_OPTIONS: readonly EngineOption[] = [
  {
    name: 'url_file',
    label: 'File with the URL',
    kind: 'text',
    hint: 'On the server of PortKV. One of these three is needed; only the system key may set them.',
  },
  {
    name: 'url_env',
    label: 'Environment variable with the URL',
    kind: 'text',
    hint: 'Read at the start of the server.',
  },
  { name: 'url', label: 'URL', kind: 'text', hint: 'Shown with the settings, so only a URL without a password.' },
];

/** The engines that come with PortKV; others are named as `package:NAME`. */
export const engines: readonly EngineDescription[] = [
  {
    name: 'json-file',
    title: 'JSON file',
    text: 'One file that any tool can read. All entries are in memory, too.',
    options: [
      {
        name: 'journal_bytes',
        label: 'Journal, in bytes',
        kind: 'number',
        hint: 'Merged into the file when it is larger than this and than the file. 4194304 if this is empty.',
      },
    ],
  },
  {
    name: 'lmdb',
    title: 'LMDB',
    text: 'Read from the disk on demand: for projects that are larger than the memory.',
    options: [
      COMMIT_TIMEOUT,
      {
        name: 'check_timeout',
        label: 'Longest check at the start, in seconds',
        kind: 'number',
        hint: 'How long a file that was not closed in good order is checked. 60 if this is empty.',
      },
    ],
  },
  {
    name: 'directory',
    title: 'Directory',
    text: 'A file for each entry, for few entries that people and programs edit, too.',
    options: [
      {
        name: 'path',
        label: 'Folder',
        kind: 'text',
        hint: 'A folder in the data folder, for other programs, too; takes the system key. Its own if this is empty.',
      },
      { name: 'read_only', label: 'Never write to it', kind: 'flag', hint: '' },
      COMMIT_TIMEOUT,
    ],
  },
  {
    name: 'memory',
    title: 'Memory',
    text: 'Nothing is on the disk: a restart of the server empties the project.',
    options: [],
  },
  {
    name: 'postgres',
    title: 'PostgreSQL',
    text: 'Tables of a PostgreSQL server.',
    options: URL_OPTIONS,
    onServer: true,
  },
  {
    name: 'redis',
    title: 'Redis',
    text: 'A Redis server, as durable as it is set.',
    options: URL_OPTIONS,
    onServer: true,
  },
  {
    name: 'etcd',
    title: 'etcd',
    text: 'An etcd cluster, for small projects.',
    options: URL_OPTIONS,
    onServer: true,
  },
];

export function engineTitle(name: string): string {
  return engines.find((engine) => engine.name === name)?.title ?? name;
}
