import { AppError } from '../../../domain/errors.js';
import { checkSettings } from '../../validation/check-settings.js';
import type { Engine } from './engine.js';
import { engineLoader, engines } from './registry.js';

/** The engine of that name; `unavailable` where there is none. */
export async function engineNamed(name: string): Promise<Engine> {
  const load = engineLoader(name);
  if (load === undefined) {
    throw new AppError('unavailable', `"${name}" is no engine; known: ${Object.keys(engines).join(', ')}`);
  }
  return load();
}

/** Plain options as the engine's own class, with its defaults. */
export function optionsOf(engine: Engine, options: object): object {
  return checkSettings(engine.Options, options).value;
}
