import { AppError } from '../../../../domain/errors.js';
import { skipString } from '../../../../domain/json/text.js';
import type { Arguments } from '../../../redis-commands/command.js';
import { jsonBodyText } from '../../request/json-body.js';
import { decode } from '../../routing/query-parameters.js';

/** The most arguments of all commands of a body: more would fill the memory. */
const MAX_VALUES = 100_000;

/** A command such as `["SET","a",1]`. Throws `invalid`. */
export function commandOf(body: Buffer): Arguments {
  return argumentsOf(parse(body), 'body');
}

/** Several commands. */
export function commandsOf(body: Buffer): readonly Arguments[] {
  const list = parse(body);
  if (!Array.isArray(list)) throw wrong('body', 'must be an array of commands');
  return list.map((command, i) => argumentsOf(command, `command ${i}`));
}

/** The command that the path spells, after `/upstash/PROJECT/`, then the body, then the query. */
export function commandOfTarget(target: string, body: Buffer): Arguments {
  const mark = target.indexOf('?');
  const [path, query] = mark < 0 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)];
  const words = path.split('/').slice(3).map(decodeURIComponent);
  const options = query.split('&').flatMap((pair) => {
    const at = pair.indexOf('=');
    return pair === '' ? [] : at < 0 ? [decode(pair)] : [decode(pair.slice(0, at)), decode(pair.slice(at + 1))];
  });
  const value = body.length === 0 ? [] : [body];
  return [...words.map((word) => Buffer.from(word)), ...value, ...options.map((word) => Buffer.from(word))];
}

function argumentsOf(command: unknown, where: string): Arguments {
  if (!Array.isArray(command) || command.length === 0) throw wrong(where, 'must be an array that begins with a name');
  return command.map((argument: unknown, i) => {
    if (typeof argument === 'boolean') return Buffer.from(String(argument));
    if (typeof argument !== 'string') throw wrong(where, `argument ${i} must be a string, a number or a boolean`);
    if (!argument.isWellFormed()) throw wrong(where, `argument ${i} holds a lone surrogate`);
    return Buffer.from(argument);
  });
}

function parse(body: Buffer): unknown {
  return JSON.parse(withNumbersAsTexts(jsonBodyText(body)));
}

/** JSON in which each number is a string with the same digits. Throws `invalid` if it has too many values. */
function withNumbersAsTexts(json: string): string {
  let result = '';
  let copied = 0;
  let values = 0;
  for (let at = 0; at < json.length; at++) {
    const char = json[at] as string;
    if (char === ',' || char === '[' || char === '{') values += 1;
    if (values > MAX_VALUES) throw wrong('body', `has more than ${MAX_VALUES} arguments`);
    if (char === '"') at = skipString(json, at) - 1;
    else if (NUMBER_START.test(char)) {
      const start = at;
      while (at + 1 < json.length && IN_NUMBER.test(json[at + 1] as string)) at += 1;
      result += `${json.slice(copied, start)}"${json.slice(start, at + 1)}"`;
      copied = at + 1;
    }
  }
  return result + json.slice(copied);
}

const NUMBER_START = /[-0-9]/;
const IN_NUMBER = /[-+.0-9eE]/;

function wrong(where: string, why: string): AppError {
  return new AppError('invalid', `${where}: ${why}`);
}
