import { type ApiError, UNREACHABLE } from '../api/api-error.js';
import { plural } from '../formats/quantity.js';

/** Why a key was not accepted, in words, and what to do about it. */
export interface SignInProblem {
  readonly title: string;
  readonly advice: string;
}

const GENERATED = /^pkv_[0-9a-z]{8}_[\w-]{49}$/;

/** What is wrong with a key before it is sent; undefined if it may be one. */
export function problemOfText(key: string): SignInProblem | undefined {
  if (/\s/.test(key)) return { title: 'This is more than one key.', advice: 'Paste one key, without spaces or lines.' };
  if (/^(SYSTEM_KEY|PROJECT_KEY|PORTKV_KEY)=/.test(key)) {
    return { title: 'This is a whole line.', advice: 'Paste only what is after the equals sign.' };
  }
  if (key.startsWith('pkv_') && !GENERATED.test(key)) {
    return {
      title: 'This key is not complete.',
      advice: 'A key has the form pkv_ID_SECRET. Copy it again, up to its last character.',
    };
  }
  return undefined;
}

/** `expiredAt` is when a key that was valid before expires, in seconds since 1970. */
export function problemOf(error: ApiError, expiredAt?: number | null): SignInProblem {
  const { code, status, message, retryAfter } = error;
  const wait = `Try again in ${plural(retryAfter ?? 60, 'second')}.`;
  if (code === UNREACHABLE)
    return { title: 'The server does not answer.', advice: 'Check that it runs, then try again.' };
  if (status === 429 && /wrong/i.test(message)) {
    return { title: 'This key is locked for a moment, after too many wrong tries from your address.', advice: wait };
  }
  if (status === 429) return { title: 'Too many requests from your address.', advice: wait };
  if (status === 503) return { title: 'The server cannot check keys now.', advice: wait };
  if (status === 401 && expiredAt && expiredAt * 1000 <= Date.now()) {
    return {
      title: 'This key has expired.',
      advice: 'Ask for a new one, or make one with a key that has the scope admin.',
    };
  }
  if (status === 401) {
    return {
      title: 'The server does not accept this key.',
      advice: 'It was mistyped, deleted, replaced, or has expired: the server does not say which. Paste another one.',
    };
  }
  if (status === 404) return { title: message, advice: 'Check the name of the project.' };
  return { title: message, advice: 'Try again; the server’s log has more under the request id.' };
}
