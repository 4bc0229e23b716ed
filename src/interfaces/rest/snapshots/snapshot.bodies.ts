import { IsString } from 'class-validator';
import { bodySchema } from '../openapi/body-schema.js';
import { Described, Optional } from '../request/body-rules.js';
import { classBodyReader } from '../request/class-body-reader.js';

/** The project to restore a snapshot into. */
class RestoreBody {
  @Described('Another project to restore into; needs the system key.')
  @Optional()
  @IsString({ message: 'must be string' })
  into?: string;
}

export const restoreSchema = bodySchema(RestoreBody);

const restoreOf = classBodyReader(RestoreBody);

/** The project that a snapshot is restored into; undefined if the body is empty or names none. */
export function readRestoreTarget(body: Buffer): string | undefined {
  return body.length === 0 ? undefined : restoreOf(body).into;
}
