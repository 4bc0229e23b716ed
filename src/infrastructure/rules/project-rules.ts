import { isUtf8 } from 'node:buffer';
import { RE2JS } from 're2js';
import type { EntryRules } from '../../application/ports/entry-rules.js';
import type { Entry } from '../../domain/entry.js';
import { AppError } from '../../domain/errors.js';
import { isJson } from '../../domain/json/bytes.js';
import { describeMistake, jsonMistake } from '../../domain/json/mistake.js';
import { DEFAULT_MAX_VALUE_BYTES } from '../../domain/limits.js';
import { formOf, isJsonType } from '../../domain/value.js';
import type { LimitSettings } from './limit-settings.js';
import { compileValueSchema } from './value-schema.js';

type Check = (entry: Entry) => void;

/** How deep JSON may be nested if the project asks for JSON; bounds the memory of the check. */
const MAX_DEPTH = 1_000_000;

/**
 * Compiles a project's limits into checks of its entries; those of the system are the defaults. All limits have been
 * validated before.
 */
export function projectRules(limits: object | undefined, defaults: LimitSettings, hidden = false): EntryRules {
  const settings: LimitSettings = { ...defaults, ...limits };
  const { max_value_bytes: maxValueBytes = DEFAULT_MAX_VALUE_BYTES } = settings;
  const checks: Check[] = [sizeCheck(maxValueBytes)];
  if (settings.key_pattern !== undefined) checks.push(keyCheck(settings.key_pattern));
  if (settings.content_types !== undefined) checks.push(typeCheck(settings.content_types));
  if (settings.strict_json) checks.push(requireDeclaredJson);
  if (settings.value_schema !== undefined) checks.push(schemaCheck(settings.value_schema));
  return {
    maxValueBytes,
    maxKeys: settings.max_keys ?? Number.POSITIVE_INFINITY,
    maxTotalBytes: settings.max_total_bytes ?? Number.POSITIVE_INFINITY,
    hidden,
    requireConditional: settings.require_conditional ?? false,
    check: (entry) => {
      for (const check of checks) check(entry);
    },
  };
}

function sizeCheck(maxBytes: number): Check {
  return ({ value: { length } }) => {
    if (length <= maxBytes) return;
    throw new AppError('too_large', `A value may have at most ${maxBytes} bytes, this one has ${length}`, {
      details: { limit: 'max_value_bytes', limit_bytes: maxBytes, sent_bytes: length },
    });
  };
}

function keyCheck(pattern: string): Check {
  const compiled = RE2JS.compile(pattern);
  return ({ key }) => {
    if (compiled.testExact(key)) return;
    throw new AppError('unprocessable', `Key '${key}' does not match the pattern ${pattern} of this project`, {
      details: { limit: 'key_pattern', limit_value: pattern, sent: key },
    });
  };
}

/** Compares the type before its parameters, case-insensitively. */
function typeCheck(allowed: readonly string[]): Check {
  const types = new Set(allowed.map((type) => type.toLowerCase()));
  return ({ contentType }) => {
    const [type = ''] = contentType.split(';', 1);
    const sent = type.trim().toLowerCase();
    if (types.has(sent) || types.has(`${sent.slice(0, sent.indexOf('/') + 1)}*`)) return;
    const message = `Content-Type ${sent} may not be stored in this project; allowed: ${allowed.join(', ')}`;
    throw new AppError('unsupported_media_type', message, {
      details: { limit: 'content_types', limit_value: allowed, sent },
    });
  };
}

/** A value with a JSON type must be JSON. */
function requireDeclaredJson({ key, contentType, value }: Entry): void {
  if (!isJsonType(contentType) || (isUtf8(value) && isJson(value, MAX_DEPTH))) return;
  const mistake = jsonMistake(value, MAX_DEPTH);
  if (mistake === undefined) return;
  const { text, place } = describeMistake(value, mistake);
  throw new AppError('invalid', `The value of key '${key}' is declared as ${contentType}, but is no JSON: ${text}`, {
    details: { limit: 'strict_json', limit_value: true, key, place },
  });
}

function schemaCheck(schema: object): Check {
  const mistakesOf = compileValueSchema(schema);
  return ({ key, value }) => {
    const mistakes =
      formOf(value) === 'json'
        ? mistakesOf(Buffer.from(value).toString())
        : [{ path: '', message: 'is no JSON', schema_path: '#' }];
    if (mistakes.length === 0) return;
    const summary = mistakes.map(({ path, message }) => `${path} ${message}`.trim()).join('; ');
    throw new AppError(
      'unprocessable',
      `The value of key '${key}' does not satisfy this project's schema: ${summary}`,
      {
        details: { limit: 'value_schema', key, errors: mistakes },
      },
    );
  };
}
