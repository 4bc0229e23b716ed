import { IsBoolean } from 'class-validator';
import { DIALECTS, type Dialect, projectIdProblem } from '../../../domain/project.js';
import { LimitSettings } from '../../rules/limit-settings.js';
import {
  Described,
  ListOf,
  Optional,
  Rule,
  SectionOf,
  STRING_LIST,
  StringList,
} from '../../validation/setting-rules.js';
import { ApiKeySettings, AuthenticationSettings } from './key-settings.js';
import { StorageSettings } from './storage-settings.js';

const FLAG = { message: 'must be true or false' };

/** What clients may list of a project. */
export class ProjectSecuritySettings {
  @Described('Whether keys and values may be listed, counted and exported.')
  @Optional()
  @IsBoolean(FLAG)
  keys_and_values_discoverable = true;
}

/** The web origins whose pages may call the API from a browser. */
export class CorsSettings {
  @Described(
    'Origins such as "https://example.org" or "capacitor://localhost", "null" for pages without one, or "*" for all.',
    STRING_LIST,
  )
  @Optional()
  @StringList(
    'must be a list of origins such as "https://example.org" or "capacitor://localhost" (lower case, no path), ' +
      '"null" or "*"',
    isOrigin,
  )
  origins: string[] = [];
}

/** What browsers send as `Origin`. Of schemes that they do not know, `URL.origin` is "null" and the host opaque. */
function isOrigin(value: string): boolean {
  if (value === '*' || value === 'null' || value === 'file://') return true;
  if (!URL.canParse(value)) return false;
  const { origin, protocol, host } = new URL(value);
  return origin === value || (origin === 'null' && host !== '' && value === `${protocol}//${host}`);
}

const CHOICES = DIALECTS.map((name) => `"${name}"`).join(', ');

/** Whether it is a list of dialects, each of them once. */
function isDialects(value: unknown): boolean {
  if (!Array.isArray(value) || new Set(value).size < value.length) return false;
  return value.every((name) => DIALECTS.includes(name));
}

/** One project: a member of `projects`, and the body of the request that creates one. */
export class ProjectEntry {
  @Described('Name of the project.', { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' })
  @Rule(
    'projectId',
    'must have 1 to 64 of the characters A-Z, a-z, 0-9, "_" and "-"',
    (value) => typeof value === 'string' && projectIdProblem(value) === undefined,
  )
  id!: string;

  @SectionOf(StorageSettings)
  storage = new StorageSettings();

  @SectionOf(AuthenticationSettings)
  authentication = new AuthenticationSettings();

  @SectionOf(ProjectSecuritySettings)
  security = new ProjectSecuritySettings();

  @SectionOf(LimitSettings)
  limits?: LimitSettings;

  @SectionOf(CorsSettings)
  cors?: CorsSettings;

  @Described(`Other servers whose clients can use the project: ${CHOICES}; see docs/dialects.md.`, {
    type: 'array',
    items: { enum: DIALECTS },
    uniqueItems: true,
  })
  @Optional()
  @Rule('dialects', `must be a list of some of ${CHOICES}, each at most once`, isDialects)
  dialects: Dialect[] = [];

  @ListOf(ApiKeySettings)
  api_keys?: ApiKeySettings[];
}
