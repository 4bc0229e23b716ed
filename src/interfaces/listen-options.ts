import { IsInt, IsString, Max, Min, MinLength } from 'class-validator';

/** Where a transport listens, as its options in the configuration name it. */
export class ListenOptions {
  @MinLength(1)
  @IsString()
  host = '127.0.0.1';

  /** 0 picks a free port. */
  @Max(65535)
  @Min(0)
  @IsInt()
  port = 0;
}
