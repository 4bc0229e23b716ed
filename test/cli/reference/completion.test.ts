import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { runHere } from '../../harness/portkv-here.js';

const run = promisify(execFile);

/** How to ask a shell what it would offer, with the words after `portkv`; the last one is being typed. */
// biome-ignore-start lint/suspicious/noTemplateCurlyInString: the shell expands them
const ASK: Readonly<Record<string, (script: string, words: readonly string[]) => readonly string[]>> = {
  bash: (script, words) => [
    '--norc',
    '-c',
    `source "$1"; shift; COMP_WORDS=(portkv "$@"); COMP_CWORD=$#; _portkv; printf '%s\\n' "\${COMPREPLY[@]}"`,
    ...['bash', script, ...words],
  ],
  zsh: (script, words) => [
    '-f',
    '-c',
    // Outside of a completion these are not defined.
    'compdef() { }; _files() { }; compadd() { print -rl -- ${(P)2}; }; ' +
      '_describe() { local -a all; all=(${(P)@[-1]}); print -rl -- ${all%%:*}; }; ' +
      'source "$1"; shift; words=(portkv "$@"); CURRENT=$#words; _portkv',
    ...['zsh', script, ...words],
  ],
  fish: (script, words) => [
    '--no-config',
    '-c',
    'source $argv[1]; complete -C (string join -- " " portkv $argv[2..-1]) | string replace -r "\\t.*" ""; true',
    ...[script, ...words],
  ],
};

// biome-ignore-end lint/suspicious/noTemplateCurlyInString: the shell expands them

const CASES: readonly (readonly [words: readonly string[], offered: readonly string[], others: readonly string[]])[] = [
  [['imp'], ['import'], []],
  [['snapshot', ''], ['create', 'delete', 'list', 'restore', 'verify'], ['import']],
  [['completion', ''], ['bash', 'zsh', 'fish'], []],
  [
    ['export', '--format', ''],
    ['json', 'ndjson', 'csv', 'simple-pykv'],
    ['keyv', '--resume'],
  ],
  [['import', 'first_project', 'x', '--format', 'wr'], ['wrangler'], []],
  [['--help', 'export', '--f'], ['--format'], []],
  [['export', '--data', 'snapshot', '--re'], ['--resume'], []],
  [['keys', 'create', '--s'], ['--scopes'], []],
];

describe('portkv completion', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
  });
  after(() => rm(folder, { recursive: true }));

  for (const [shell, ask] of Object.entries(ASK)) {
    it(`completes commands, options and their values in ${shell}, if that is installed`, async function () {
      const version = await run(shell, ['--version']).catch(() => undefined);
      if (version === undefined) this.skip();
      const script = await scriptOf(shell);
      for (const [words, offered, others] of CASES) {
        const { stdout } = await run(shell, ask(script, words) as string[], { timeout: 60_000 });
        const found = stdout.split('\n').filter((word) => word.startsWith(words.at(-1) as string) && word !== '');
        expect(found, words.join(' ')).to.include.members([...offered]);
        if (others.length > 0) expect(found, words.join(' ')).not.to.include.members([...others]);
      }
    });
  }

  it('completes --option=value in bash, which gives it as three words', async () => {
    const script = await scriptOf('bash');
    for (const [words, offered] of [
      [['export', '--format', '='], 'ndjson'],
      [['export', '--format', '=', 'cs'], 'csv'],
    ] as const) {
      const { stdout } = await run('bash', ASK.bash?.(script, words) as string[]);
      expect(stdout.split('\n')).to.include(offered);
    }
  });

  it('knows every command and option of the help text', async () => {
    const help = (await runHere(['--help'])).out;
    const commands = [...help.matchAll(/^ {2}([a-z]+)\b/gm)].map(([, name]) => name as string).slice(1);
    expect(commands.length).to.be.above(20);
    for (const shell of Object.keys(ASK)) {
      const { out } = await runHere(['completion', shell]);
      for (const name of commands.filter((command) => command !== 'help')) expect(out, shell).to.include(name);
      for (const option of ['no-verify', 'if-absent', 'key-file']) expect(out, shell).to.include(option);
    }
  });

  it('refuses another shell in one line', async () => {
    const { code, errors } = await runHere(['completion', 'tcsh']);
    expect(code).to.equal(2);
    expect(errors).to.include('Allowed choices are bash, zsh, fish');
  });

  async function scriptOf(shell: string): Promise<string> {
    const { code, out, errors } = await runHere(['completion', shell]);
    expect(code, errors).to.equal(0);
    const script = join(folder, `portkv.${shell}`);
    await writeFile(script, out);
    return script;
  }
});
