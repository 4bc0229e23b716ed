import { validationMetadatasToSchemas } from 'class-validator-jsonschema';
import { sectionsOf } from '../../validation/setting-rules.js';
import { Settings } from './settings.js';

type Schema = Record<string, unknown> & { readonly properties?: Record<string, object> };
type SettingsClass = new () => object;

/** The JSON Schema (draft 7) of `config.json`, made from the settings classes. */
export function configSchema(): Record<string, unknown> & { readonly definitions: Readonly<Record<string, object>> } {
  const schemas = validationMetadatasToSchemas({ refPointerPrefix: '#/definitions/' }) as Record<string, Schema>;
  const names = [...reachableFrom(Settings)].sort((a, b) => (a.name < b.name ? -1 : 1));
  const of = (settings: SettingsClass) => withDefaults(schemas[settings.name] ?? {}, settings);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Configuration of PortKV',
    ...of(Settings),
    definitions: Object.fromEntries(
      names.filter((section) => section !== Settings).map((section) => [section.name, of(section)]),
    ),
  };
}

function reachableFrom(settings: SettingsClass, seen = new Set<SettingsClass>()): ReadonlySet<SettingsClass> {
  if (seen.has(settings)) return seen;
  seen.add(settings);
  for (const section of sectionsOf(settings).values()) reachableFrom(section.of, seen);
  return seen;
}

/** Adds the defaults. Refuses unknown members, of which the server only warns, so that editors show typing mistakes. */
function withDefaults(schema: Schema, settings: SettingsClass): object {
  const sections = sectionsOf(settings);
  const defaults = new Map(Object.entries(new settings()));
  const properties = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const value = sections.has(name) ? undefined : defaults.get(name);
    if ('$ref' in property) return [name, { $ref: property.$ref }];
    return [name, value === undefined ? property : { ...property, default: value }];
  });
  return { ...schema, properties: Object.fromEntries(properties), additionalProperties: false };
}
