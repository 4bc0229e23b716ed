import { validationMetadatasToSchemas } from 'class-validator-jsonschema';
import { sectionsOf } from '../../validation/setting-rules.js';
import { Settings } from './settings.js';

type Schema = Record<string, unknown> & { readonly properties?: Record<string, object> };
type SettingsClass = new () => object;

/** What the file, and only the file, allows in every section beside the known members. */
const REMARKS = { patternProperties: { '^x-': {} } };

/** The JSON Schema (draft 7) of `config.json`, made from the settings classes. */
export function configSchema(): Record<string, unknown> & { readonly definitions: Readonly<Record<string, object>> } {
  const { whole, sections } = settingsSchemas();
  const withRemarks = Object.entries(sections).map(([name, schema]) => [name, { ...schema, ...REMARKS }]);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Configuration of PortKV',
    ...whole,
    ...REMARKS,
    definitions: Object.fromEntries(withRemarks),
  };
}

/** The JSON Schemas of the settings as clients send them: the whole, and every section by the name of its class. */
export function settingsSchemas(): { readonly whole: object; readonly sections: Readonly<Record<string, object>> } {
  const schemas = validationMetadatasToSchemas({ refPointerPrefix: '#/definitions/' }) as Record<string, Schema>;
  const names = [...reachableFrom(Settings)].sort((a, b) => (a.name < b.name ? -1 : 1));
  const of = (settings: SettingsClass) => withDefaults(schemas[settings.name] ?? {}, settings);
  const sections = names.filter((section) => section !== Settings).map((section) => [section.name, of(section)]);
  return { whole: of(Settings), sections: Object.fromEntries(sections) };
}

function reachableFrom(settings: SettingsClass, seen = new Set<SettingsClass>()): ReadonlySet<SettingsClass> {
  if (seen.has(settings)) return seen;
  seen.add(settings);
  for (const section of sectionsOf(settings).values()) reachableFrom(section.of, seen);
  return seen;
}

/** Adds the defaults, and refuses unknown members, except in members that are objects of any shape. */
function withDefaults(schema: Schema, settings: SettingsClass): object {
  const sections = sectionsOf(settings);
  const defaults = new Map(Object.entries(new settings()));
  const properties = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const value = sections.has(name) ? undefined : defaults.get(name);
    if ('$ref' in property) return [name, { $ref: property.$ref }];
    const open = 'type' in property && property.type === 'object' ? { additionalProperties: true } : {};
    return [name, { ...property, ...open, ...(value === undefined ? {} : { default: value }) }];
  });
  return { ...schema, properties: Object.fromEntries(properties), additionalProperties: false };
}
