import type { EntryRules } from '../../application/ports/entry-rules.js';
import type { Entry } from '../../domain/entry.js';
import { AppError } from '../../domain/errors.js';
import { DEFAULT_MAX_VALUE_BYTES } from '../../domain/limits.js';

/** The limits of a project, else of the system, compiled into what is asked of every entry. */
export function projectRules(
  limits: Readonly<Record<string, unknown>> | undefined,
  defaults: Readonly<Record<string, unknown>>,
): EntryRules {
  const all = { ...defaults, ...limits };
  const maxValueBytes = (all.max_value_bytes as number | undefined) ?? DEFAULT_MAX_VALUE_BYTES;
  return {
    maxValueBytes,
    requireConditional: all.require_conditional === true,
    check: (entry: Entry) => {
      if (entry.value.length <= maxValueBytes) return;
      throw new AppError(
        'too_large',
        `A value may have at most ${maxValueBytes} bytes, this one has ${entry.value.length}`,
        {
          details: { limit: 'max_value_bytes', limit_bytes: maxValueBytes, sent_bytes: entry.value.length },
        },
      );
    },
  };
}
