import type { Problems } from '../../forms/problems.js';
import { isObject, objectProblem, type Settings } from './settings.js';

/** Whole numbers of the limits. */
export const NUMBERS = ['max_value_bytes', 'max_keys', 'max_total_bytes'] as const;
/** Limits that are on, off, or as the server says. */
export const SWITCHES = ['strict_json', 'require_conditional'] as const;

/** The settings as the fields of the form have them. */
export interface SettingsFields {
  readonly isDiscoverable: boolean;
  readonly keepOldFor: string;
  readonly limits: Readonly<Record<string, string>>;
  readonly hasOwnOrigins: boolean;
  readonly origins: string;
  readonly dialects: readonly string[];
}

export function fieldsOf(settings: Settings): SettingsFields {
  const [storage, security, limits, cors] = ['storage', 'security', 'limits', 'cors'].map((name) => {
    const value = settings[name];
    return isObject(value) ? value : {};
  }) as [Settings, Settings, Settings, Settings];
  return {
    isDiscoverable: security.keys_and_values_discoverable !== false,
    keepOldFor: String(storage.keep_old_for ?? ''),
    limits: Object.fromEntries(Object.entries(limits).map(([name, value]) => [name, textOf(value)])),
    hasOwnOrigins: settings.cors !== undefined,
    origins: textOf(cors.origins ?? []),
    dialects: (settings.dialects as string[] | undefined) ?? [],
  };
}

/** The settings with what the form says. */
export function settingsOf(before: Settings, fields: SettingsFields): Settings {
  const { storage, security, limits: _, cors: __, dialects: ___, ...rest } = before;
  const { keep_old_for: ____, ...kept } = isObject(storage) ? storage : {};
  const limits = Object.entries(fields.limits).filter(([, text]) => text.trim() !== '');
  return {
    ...rest,
    storage: { ...kept, ...(fields.keepOldFor === '' ? {} : { keep_old_for: fields.keepOldFor.replaceAll(' ', '') }) },
    security: { ...(isObject(security) ? security : {}), keys_and_values_discoverable: fields.isDiscoverable },
    ...(limits.length === 0
      ? {}
      : { limits: Object.fromEntries(limits.map(([name, text]) => [name, limitOf(name, text)])) }),
    ...(fields.hasOwnOrigins ? { cors: { origins: linesOf(fields.origins) } } : {}),
    ...(fields.dialects.length === 0 ? {} : { dialects: fields.dialects }),
  };
}

/** What is wrong with the fields, before anything is sent. */
export function problemsIn({ keepOldFor, limits, hasOwnOrigins, origins }: SettingsFields): Problems {
  const problems: Record<string, string> = {};
  if (keepOldFor !== '' && !/^\d{1,6}[smhdw]$/.test(keepOldFor.replaceAll(' ', ''))) {
    problems['storage.keep_old_for'] = 'use a number and s, m, h, d or w, such as 24h';
  }
  for (const name of NUMBERS) {
    const text = limits[name]?.trim() ?? '';
    if (text !== '' && !/^[\d_, ]*\d$/.test(text)) problems[`limits.${name}`] = 'use a whole number, such as 1000000';
  }
  const schema = limits.value_schema?.trim() ?? '';
  const schemaProblem = schema === '' ? undefined : objectProblem(schema);
  if (schemaProblem !== undefined) problems['limits.value_schema'] = schemaProblem;
  const wrong = hasOwnOrigins ? linesOf(origins).find((one) => !isOrigin(one)) : undefined;
  if (wrong !== undefined)
    problems['cors.origins'] = `“${wrong}” is no origin; write https://example.org, without a path`;
  return problems;
}

function isOrigin(text: string): boolean {
  return text === '*' || text === 'null' || /^[a-z][a-z0-9+.-]*:\/\/[^/\s]+$/i.test(text);
}

function limitOf(name: string, text: string): unknown {
  if ((NUMBERS as readonly string[]).includes(name)) return Number(text.replaceAll(/[_, ]/g, ''));
  if ((SWITCHES as readonly string[]).includes(name)) return text === 'true';
  if (name === 'content_types') return linesOf(text);
  if (name === 'value_schema') return JSON.parse(text);
  return text;
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.join('\n');
  return isObject(value) ? JSON.stringify(value, null, 2) : String(value);
}

function linesOf(text: string): string[] {
  return text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
