import { Validator } from '@cfworker/json-schema';
import type { Diagnostic } from '@codemirror/lint';
import type { components } from '#openapi';
import { bytes } from '../formats/quantity.js';

export type Limits = components['schemas']['LimitSettings'];

const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\b/;

export interface Check {
  readonly isMet: boolean;
  /** A check that is not met and only a hint does not keep one from saving. */
  readonly isHint?: boolean;
  readonly text: string;
}

/** What the project asks of a value, and whether it is so. The server has the last word. */
export function checksOf(text: string, contentType: string, limits: Limits): readonly Check[] {
  const size = new TextEncoder().encode(text).length;
  const most = limits.max_value_bytes ?? DEFAULT_MAX_BYTES;
  const problem = jsonProblem(text);
  const isJsonType = JSON_TYPE.test(contentType);
  const checks: Check[] = [{ isMet: size <= most, text: `${bytes(size)} of at most ${bytes(most)}` }];
  if (isJsonType || limits.value_schema !== undefined) {
    const isHint = !limits.strict_json && limits.value_schema === undefined;
    checks.push({ isMet: problem === undefined, isHint, text: problem ?? 'Valid JSON' });
  }
  if (limits.content_types !== undefined && !isAllowed(contentType, limits.content_types)) {
    checks.push({ isMet: false, text: `The project takes only ${limits.content_types.join(', ')}` });
  }
  if (limits.value_schema !== undefined && problem === undefined) {
    checks.push(...schemaChecks(text, limits.value_schema));
  }
  return checks;
}

/** What is wrong with JSON, at its place in the text. */
export function diagnosticsOf(text: string): readonly Diagnostic[] {
  const problem = jsonProblem(text);
  if (problem === undefined) return [];
  const at = Math.min(Number(/position (\d+)/.exec(problem)?.[1] ?? text.length), text.length);
  return [{ from: at, to: Math.min(at + 1, text.length), severity: 'error', message: problem }];
}

function jsonProblem(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return `Not JSON: ${(error as Error).message.replace(/ in JSON/, '')}`;
  }
}

function schemaChecks(text: string, schema: object): readonly Check[] {
  try {
    const { errors } = new Validator(schema, '2020-12', false).validate(JSON.parse(text));
    // The errors of a member come after that of the object around it, which says only that there are some.
    const own = errors.filter(({ keyword }) => keyword !== 'properties' && keyword !== 'items');
    if (errors.length === 0) return [{ isMet: true, text: 'Satisfies the schema of the project' }];
    return own.slice(0, 5).map(({ instanceLocation, error }) => ({
      isMet: false,
      text: `Schema: ${instanceLocation.replace(/^#\/?/, '') || 'the value'}: ${error}`,
    }));
  } catch (error) {
    return [{ isMet: true, text: `The schema is checked by the server only (${(error as Error).message})` }];
  }
}

function isAllowed(contentType: string, allowed: readonly string[]): boolean {
  const [type = ''] = contentType.toLowerCase().split(';');
  return allowed.some((one) =>
    one.endsWith('/*') ? type.trim().startsWith(one.slice(0, -1)) : one === '*/*' || one.toLowerCase() === type.trim(),
  );
}

const KEY_BYTES = 512;

/** What is wrong with the name of a key; undefined if nothing is. */
export function keyProblem(key: string, limits: Limits, prefix: string | null): string | undefined {
  if (key === '') return 'A key has at least one character.';
  const size = new TextEncoder().encode(key).length;
  if (size > KEY_BYTES) return `A key has at most ${KEY_BYTES} bytes; this one has ${size}.`;
  if (prefix !== null && !key.startsWith(prefix))
    return `Your API key may write only keys that begin with “${prefix}”.`;
  if (limits.key_pattern !== undefined && !matches(key, limits.key_pattern)) {
    return `The project takes only keys that match ${limits.key_pattern}`;
  }
  return undefined;
}

/** A pattern that only the server's engine understands is left to it. */
function matches(key: string, pattern: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u').test(key);
  } catch {
    return true;
  }
}
