import { RE2JS } from 're2js';
import type { EntryRules } from '../../application/ports/entry-rules.js';
import type { Entry } from '../../domain/entry.js';
import { AppError } from '../../domain/errors.js';
import { DEFAULT_MAX_VALUE_BYTES } from '../../domain/limits.js';
import { formOf } from '../../domain/value.js';
import type { LimitSettings } from './limit-settings.js';
import { compileValueSchema } from './value-schema.js';

type Check = (entry: Entry) => void;

/** The limits of a project, else of the system, compiled into what is asked of every entry. They have been checked before. */
export function projectRules(limits: object | undefined, defaults: LimitSettings, hidden = false): EntryRules {
  const all: LimitSettings = { ...defaults, ...limits };
  const { max_value_bytes: maxValueBytes = DEFAULT_MAX_VALUE_BYTES } = all;
  const checks: Check[] = [sizeCheck(maxValueBytes)];
  if (all.key_pattern !== undefined) checks.push(keyCheck(all.key_pattern));
  if (all.content_types !== undefined) checks.push(typeCheck(all.content_types));
  if (all.value_schema !== undefined) checks.push(schemaCheck(all.value_schema));
  return {
    maxValueBytes,
    maxKeys: all.max_keys ?? Number.POSITIVE_INFINITY,
    maxTotalBytes: all.max_total_bytes ?? Number.POSITIVE_INFINITY,
    hidden,
    requireConditional: all.require_conditional ?? false,
    check: (entry) => {
      for (const check of checks) check(entry);
    },
  };
}

function sizeCheck(most: number): Check {
  return ({ value: { length } }) => {
    if (length <= most) return;
    throw new AppError('too_large', `A value may have at most ${most} bytes, this one has ${length}`, {
      details: { limit: 'max_value_bytes', limit_bytes: most, sent_bytes: length },
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

/** Compares what stands before any parameter, without regard to case. */
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

function schemaCheck(schema: object): Check {
  const mistakesOf = compileValueSchema(schema);
  return ({ key, value }) => {
    const mistakes =
      formOf(value) === 'json'
        ? mistakesOf(JSON.parse(Buffer.from(value).toString()))
        : [{ path: '', message: 'is no JSON', schema_path: '#' }];
    if (mistakes.length === 0) return;
    const told = mistakes.map(({ path, message }) => `${path} ${message}`.trim()).join('; ');
    throw new AppError('unprocessable', `The value of key '${key}' does not satisfy this project's schema: ${told}`, {
      details: { limit: 'value_schema', key, errors: mistakes },
    });
  };
}
