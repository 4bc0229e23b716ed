import { normalize } from 'node:path';
import type { Identity } from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';

/**
 * Refuses settings that would reach beyond a project: files of the server are named in its configuration by hand, or by the system
 * key where they lie in the data folder; `forbidden` and `invalid`.
 */
export function refuseBeyondProject(settings: Readonly<Record<string, unknown>>, { project }: Identity): void {
  const { engine, encryption, options } = membersOf(settings.storage);
  const { path } = membersOf(options);
  const named = [
    ...(encryption === undefined || encryption === null ? [] : ['storage.encryption']),
    ...(path === undefined ? [] : ['storage.options.path']),
    ...(typeof engine === 'string' && engine.startsWith('package:') ? ['storage.engine'] : []),
  ];
  if (project !== undefined && named.length > 0) {
    throw new AppError('forbidden', `${named.join(', ')}: only the system key may set this`, {
      details: { path: named[0] },
    });
  }
  if (typeof path === 'string' && /^(\/|\.\.(\/|$)|[A-Za-z]:)/.test(normalize(path.replaceAll('\\', '/')))) {
    throw new AppError(
      'invalid',
      `storage.options.path: ${JSON.stringify(path)} leaves the data folder; set it in config.json`,
      {
        details: { path: 'storage.options.path' },
      },
    );
  }
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
