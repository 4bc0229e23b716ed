import { AppError } from '../../../domain/errors.js';

/** Whose API key a command needs: the system key; a key of the project, or with `admin` either of both; or any. */
export type KeyNeed = 'any' | 'system' | { readonly project: string; readonly admin?: true };

/** An API key, and what it was given with, for messages. */
export interface GivenKey {
  readonly key: string;
  /** Such as `--key` or `PORTKV_KEY_FILE`. */
  readonly source: string;
}

const HOW = 'give it with --key-file or PORTKV_KEY, or keep it with portkv login';

/** The error of a call, which names the key that is needed if the server refused the one that was sent, or none. */
export function explainRefusal(error: unknown, need: KeyNeed, given: GivenKey | undefined): unknown {
  if (error instanceof AppError && error.code === 'precondition_failed') return withoutHeaderNames(error);
  if (!(error instanceof AppError) || !['unauthenticated', 'insufficient_scope'].includes(error.code)) return error;
  return new AppError(error.code, `${error.message}${adviceFor(error, need, given)}`, { cause: error });
}

/** Options set the condition, so the message does not speak of headers. */
function withoutHeaderNames({ code, message, details, cause }: AppError): AppError {
  const text = message.replace(/^If-[\w-]+ does not hold: /, 'The condition on the entry does not hold: ');
  return new AppError(code, text, { ...(details === undefined ? {} : { details }), cause });
}

function adviceFor({ code }: AppError, need: KeyNeed, given: GivenKey | undefined): string {
  if (given === undefined) return `: this needs ${nameOfKey(need)}; ${HOW}`;
  // The server knows the key and has said which kind it lacks.
  if (code === 'insufficient_scope') return ` (the key is that of ${given.source})`;
  return `: this needs ${nameOfKey(need)}, and the key of ${given.source} is not that`;
}

function nameOfKey(need: KeyNeed): string {
  if (need === 'any') return 'the system key, or a key of a project';
  if (need === 'system') return 'the system key';
  const key = `a key of project '${need.project}'`;
  return need.admin ? `the system key, or ${key} with the scope admin` : key;
}
