import { AppError } from '../../domain/errors.js';

/** A member of a project's settings that does not change with the others. */
export class SeparateSettingError extends AppError {
  constructor(readonly setting: 'id' | 'authentication') {
    const why = setting === 'id' ? 'cannot be changed' : 'does not change with other settings; regenerate the API key';
    super('invalid', `${setting}: ${why}`);
  }
}
