import { Described, Optional, Rule } from '../validation/setting-rules.js';

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0;
}

/** Where the keys that encrypt a project's values are read. */
export class EncryptionSettings {
  @Described(
    'File with the keys, one a line: "[id:]base64 of 32 bytes". The first encrypts, the others only decrypt.',
    { type: 'string' },
  )
  @Optional()
  @Rule('path', 'must be the path of a file', isText)
  key_file?: string;

  @Described('Environment variable with the keys, as in a file; they may be separated by spaces.', { type: 'string' })
  @Optional()
  @Rule('variable', 'must be the name of an environment variable', isText)
  key_env?: string;
}
