import { text } from 'node:stream/consumers';
import { AppError } from '../../../domain/errors.js';

let takenFor: string | undefined;

/** Standard input, which can be only one thing; `what` names it for the message. Throws `invalid`. */
export function takeStandardInput(what: string): NodeJS.ReadStream {
  if (takenFor !== undefined) {
    throw new AppError('invalid', `Standard input cannot be both ${takenFor} and ${what}`);
  }
  takenFor = what;
  return process.stdin;
}

/** All of it as text, without line feeds at its end. */
export async function readStandardInput(what: string): Promise<string> {
  return (await text(takeStandardInput(what))).replace(/[\r\n]+$/, '');
}
