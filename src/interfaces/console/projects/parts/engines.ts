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
}

const COMMIT_TIMEOUT: EngineOption = {
  name: 'commit_timeout',
  label: 'Longest commit, in seconds',
  kind: 'number',
  hint: 'After that the project is closed and opened again from the disk. 10 if this is empty.',
};

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
];

export function engineTitle(name: string): string {
  return engines.find((engine) => engine.name === name)?.title ?? name;
}
