import { IsBoolean } from 'class-validator';
import { Described, Optional, STRING_LIST, StringList, Valid, WholeNumber } from '../validation/setting-rules.js';
import { re2Problem } from './linear-pattern.js';
import { valueSchemaProblem } from './value-schema.js';

const MAX = Number.MAX_SAFE_INTEGER;

/** Limits of all projects (`system.limits`) or of one (`limits`, which wins member by member). */
export class LimitSettings {
  @Described('Largest value, in bytes (16 MiB if nothing is set).')
  @Optional()
  @WholeNumber(1, 2 ** 30)
  max_value_bytes?: number;

  @Described('Most keys that a project may hold.')
  @Optional()
  @WholeNumber(0, MAX)
  max_keys?: number;

  @Described('Most bytes that all keys, values and metadata of a project may have together.')
  @Optional()
  @WholeNumber(0, MAX)
  max_total_bytes?: number;

  @Described('Regular expression (RE2 syntax) that a whole key has to match.', { type: 'string' })
  @Optional()
  @Valid('re2', re2Problem)
  key_pattern?: string;

  @Described('Content types that may be stored, such as "application/json" or "text/*".', STRING_LIST)
  @Optional()
  @StringList('must be a list of content types such as "application/json" or "text/*"', isContentType)
  content_types?: string[];

  @Described('JSON Schema (2020-12) that every value has to satisfy; every value must then be JSON.', {
    type: 'object',
  })
  @Optional()
  @Valid('valueSchema', valueSchemaProblem)
  value_schema?: Record<string, unknown>;

  @Described('Whether a value with a JSON content type must be JSON.')
  @Optional()
  @IsBoolean({ message: 'must be true or false' })
  strict_json?: boolean;

  @Described('Whether writes must carry a condition (If-Match or If-None-Match).')
  @Optional()
  @IsBoolean({ message: 'must be true or false' })
  require_conditional?: boolean;
}

function isContentType(value: string): boolean {
  return /^[\w!#$&^.+-]+\/(\*|[\w!#$&^.+-]+)$/.test(value);
}
