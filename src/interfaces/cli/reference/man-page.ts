import { exitMeanings } from '../exit-codes.js';
import { allCommands, type CommandSummary, type OptionSummary } from './command-tree.js';

const VARIABLES: readonly (readonly [name: string, meaning: string])[] = [
  ['PORTKV_URL', 'address of a server'],
  ['PORTKV_KEY', 'API key'],
  ['PORTKV_KEY_FILE', 'file that has the API key'],
  ['PORTKV_CONFIG', 'configuration file'],
  ['NO_COLOR', 'no colours, if it is set'],
];
const FILES: readonly (readonly [name: string, meaning: string])[] = [
  ['config.json', 'configuration, in the current folder if no other is named'],
  ['~/.config/portkv/profiles.json', 'profiles that portkv login keeps'],
];

/** The manual page of the command line, in the macros of man(7). */
export function manPage(program: CommandSummary, version: string): string {
  const [, ...commands] = allCommands(program);
  return [
    `.TH PORTKV 1 "" "portkv ${roff(version)}" "User Commands"`,
    `.SH NAME\nportkv \\- ${roff(lowerFirst(program.description.replace(/\.$/, '')))}`,
    '.SH SYNOPSIS\n.B portkv\n.I COMMAND\n.RI [ OPTIONS ]',
    section('OPTIONS', program.options.map(optionText)),
    section('COMMANDS', commands.filter((command) => command.commands.length === 0).map(commandText)),
    section(
      'EXIT STATUS',
      Object.entries(exitMeanings).map(([code, meaning]) => entryText(roff(code), meaning)),
    ),
    section(
      'ENVIRONMENT',
      VARIABLES.map(([name, meaning]) => entryText(roff(name), meaning)),
    ),
    section(
      'FILES',
      FILES.map(([name, meaning]) => entryText(roff(name), meaning)),
    ),
    '',
  ].join('\n');
}

function section(title: string, parts: readonly string[]): string {
  return [`.SH ${title}`, ...parts].join('\n');
}

function commandText({ path, usage, description, options }: CommandSummary): string {
  const call = ['portkv', ...path, usage].filter((part) => part !== '').join(' ');
  const text = `.SS "${roff(call)}"\n${lineText(`${description}.`)}`;
  return [text, ...options.map(optionText)].join('\n');
}

function optionText({ flags, value, choices, description }: OptionSummary): string {
  const names = flags.map((flag) => `\\fB${roff(flag)}\\fR`).join(', ');
  const argument = value === undefined ? '' : ` \\fI${roff(value)}\\fR`;
  const allowed = choices.length === 0 ? '' : ` (one of ${choices.join(', ')})`;
  return entryText(`${names}${argument}`, `${description}${allowed}`);
}

/** A paragraph with a tag, which is roff already. */
function entryText(tag: string, text: string): string {
  return `.TP\n${tag}\n${lineText(text)}`;
}

/** A line of text: a dot or a quote at its beginning would make it a request. */
function lineText(text: string): string {
  return roff(text).replace(/^(?=[.'])/, '\\&');
}

/** Text as roff shows it as it is. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replace(/[-'`^~"]/g, (char) => ESCAPES[char] as string)
    .replace(/[^\x00-\x7f]/gu, (char) => `\\[u${char.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}]`);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '-': '\\-',
  "'": '\\(aq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
  '"': '\\(dq',
};

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
