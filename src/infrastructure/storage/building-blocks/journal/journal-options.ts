import { IsInt, Max, Min } from 'class-validator';

/** Members of `storage.options` of the engines that have a journal. */
export class JournalOptions {
  /** The journal is merged into the data file when it has at least so many bytes. */
  @IsInt()
  @Min(1)
  @Max(1024 * 1024 * 1024)
  journal_bytes = 4 * 1024 * 1024;

  /** The journal takes room from the disk in pieces: 64 KiB first, each twice as large as the last, up to this size. */
  @IsInt()
  @Min(32 * 1024)
  @Max(256 * 1024 * 1024)
  segment_bytes = 4 * 1024 * 1024;
}
