import { ApiError } from '../api/api-error.js';

/** What is wrong with each field, by its path in the settings, such as `limits.max_keys`. */
export type Problems = Readonly<Record<string, string>>;

/** What the server says about single members of what was sent. */
export function problemsOf(error: unknown): Problems {
  if (!(error instanceof ApiError)) return {};
  const { errors, path, key } = error.details;
  if (errors !== undefined && errors.length > 0) {
    return Object.fromEntries(errors.map((one) => [one.path, one.message]));
  }
  const at = path ?? key;
  return at === undefined ? {} : { [at]: error.message };
}

/** What is wrong with a field or anything below it. */
export function problemAt(problems: Problems, path: string): string | undefined {
  const found = Object.entries(problems).find(
    ([at]) => at === path || at.startsWith(`${path}.`) || at.startsWith(`${path}[`),
  );
  return found === undefined ? undefined : sentence(found[1]);
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
