import { fstatSync, statSync } from 'node:fs';
import { AppError } from '../domain/errors.js';
import type { FirstKeys } from '../infrastructure/config/first-config.js';
import type { ShownKey } from '../infrastructure/config/generate-missing-keys.js';

/** Shows text with keys that are shown only this once; rejects if it reaches no reader. */
export type ShowKeys = (text: string) => Promise<void>;

/**
 * Writes to standard output. Rejects with `unavailable` if that takes nothing, or throws it away: Node opens /dev/null
 * in place of an output that is closed.
 */
export const printKeys: ShowKeys = async (text) => {
  if (isDiscarded()) throw notShown('standard output is closed or /dev/null');
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error) => reject(notShown(error.message, error));
    process.stdout.once('error', fail);
    process.stdout.write(text, (error) => {
      if (error) return fail(error);
      process.stdout.off('error', fail);
      resolve();
    });
  });
};

export function firstKeysText({ system, project, projectId }: FirstKeys): string {
  return [
    `These keys are shown only now; keep them. The second opens the project '${projectId}'.`,
    `SYSTEM_KEY=${system}`,
    `PROJECT_KEY=${project}`,
    '',
    '',
  ].join('\n');
}

export function madeKeysText(keys: readonly ShownKey[]): string {
  const shown = keys.map(({ project, secret }) =>
    project === undefined ? `SYSTEM_KEY=${secret}` : `PROJECT_KEY=${secret} # ${project}`,
  );
  return ['These keys were asked for and not set. They are shown only now; keep them.', ...shown, '', ''].join('\n');
}

function isDiscarded(): boolean {
  try {
    const output = fstatSync(1);
    return output.isCharacterDevice() && output.rdev === statSync('/dev/null').rdev;
  } catch (error) {
    // Without /dev/null, as on Windows, nothing can be concluded; without an output, nothing can be shown.
    return (error as NodeJS.ErrnoException).code === 'EBADF';
  }
}

function notShown(why: string, cause?: unknown): AppError {
  const message = `New keys cannot be shown: ${why}. They would be shown only once, so none are made`;
  return new AppError('unavailable', message, { cause });
}
