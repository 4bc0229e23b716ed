/** A call that was done or refused. Never holds a secret or a value. */
export interface AuditRecord {
  /** The id of the key, or another description of the caller. */
  readonly who: string;
  /** The id of the operation. */
  readonly act: string;
  readonly project: string | undefined;
  /** The client's address, as far as proxies are trusted. */
  readonly address: string | undefined;
  readonly requestId: string;
  /** `done`, or the code of the error. */
  readonly outcome: string;
}

/** A record as it was kept. */
export interface KeptAuditRecord extends AuditRecord {
  /** In ms since 1970. */
  readonly time: number;
  /** How many more such calls there were in its minute; undefined if none were counted. */
  readonly repeated: number | undefined;
}

/** Which records are read. */
export interface AuditQuery {
  /** In ms since 1970; records from this moment on. */
  readonly since?: number | undefined;
  /** In ms since 1970; records before this moment. */
  readonly until?: number | undefined;
  readonly project?: string | undefined;
  readonly act?: string | undefined;
  readonly who?: string | undefined;
  /** `failed` for everything except `done`. */
  readonly outcome?: string | undefined;
  /** Only older records than this one. */
  readonly after?: AuditPosition | undefined;
  /** The most records. */
  readonly limit: number;
}

/** A record's place in the log: new records do not move it. */
export interface AuditPosition {
  /** In ms since 1970. */
  readonly time: number;
  readonly digest: string;
  /** Which of several equal records, from 1. */
  readonly nth: number;
}

export interface AuditPage {
  /** Latest first. */
  readonly records: readonly KeptAuditRecord[];
  /** The last of them, if there are older ones. */
  readonly next: AuditPosition | undefined;
}

/** The record of calls. It never fails a request: what cannot be written is logged. */
export interface Audit {
  /** Whether writes of entries are recorded too. */
  readonly dataWrites: boolean;
  /** Resolves when the record is on disk. */
  record(record: AuditRecord): Promise<void>;
  /**
   * Written soon. Records of one minute that differ only in time and request are counted, so that no flood fills the
   * file.
   */
  note(record: AuditRecord): void;
  /** The records that are still kept, latest first. Rejects with `unavailable` if they cannot be read. */
  read(query: AuditQuery): Promise<AuditPage>;
}
export const Audit = Symbol('Audit');
