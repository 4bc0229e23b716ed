import { IsBoolean, IsObject } from 'class-validator';
import { RE2JS } from 're2js';
import { Described, Optional, Rule, STRING_LIST, StringList, WholeNumber } from './setting-rules.js';

const MOST = Number.MAX_SAFE_INTEGER;

/** Limits of all projects (`system.limits`) or of one (`limits`, which wins member by member). */
export class LimitSettings {
  @Described('Largest value, in bytes (16 MiB where nothing is set).')
  @Optional()
  @WholeNumber(1, 2 ** 30)
  max_value_bytes?: number;

  @Described('Most keys that a project may hold.')
  @Optional()
  @WholeNumber(0, MOST)
  max_keys?: number;

  @Described('Most bytes that all keys and values of a project may have together.')
  @Optional()
  @WholeNumber(0, MOST)
  max_total_bytes?: number;

  @Described('Regular expression (RE2 syntax) that a whole key has to match.', { type: 'string' })
  @Optional()
  @Rule('re2', 'must be a regular expression in RE2 syntax', isPattern)
  key_pattern?: string;

  @Described('Content types that may be stored, such as "application/json" or "text/*".', STRING_LIST)
  @Optional()
  @StringList('must be a list of content types such as "application/json" or "text/*"', isContentType)
  content_types?: string[];

  @Described('JSON Schema that every value has to satisfy.')
  @Optional()
  @IsObject({ message: 'must be an object' })
  value_schema?: Record<string, unknown>;

  @Described('Whether writes must carry a condition (If-Match or If-None-Match).')
  @Optional()
  @IsBoolean({ message: 'must be true or false' })
  require_conditional?: boolean;
}

function isPattern(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  try {
    RE2JS.compile(value);
    return true;
  } catch {
    return false;
  }
}

function isContentType(value: string): boolean {
  return /^[\w!#$&^.+-]+\/(\*|[\w!#$&^.+-]+)$/.test(value);
}
