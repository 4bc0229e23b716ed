/** Something that somebody did or was refused. Never holds a secret or a value. */
export interface AuditRecord {
  /** The id of the key, or what else is known of who it was. */
  readonly who: string;
  /** The id of the operation. */
  readonly act: string;
  readonly project: string | undefined;
  /** The client's, as far as proxies are believed. */
  readonly address: string | undefined;
  readonly requestId: string;
  /** `done`, or the code of the error. */
  readonly outcome: string;
}

/** Who did what. Keeping the account never fails a request: what cannot be written is told to the log. */
export interface Audit {
  /** Whether writes of entries are recorded too. */
  readonly dataWrites: boolean;
  /** Resolves when the record is on disk. */
  record(record: AuditRecord): Promise<void>;
  /** Written soon. Records that are alike but for their time and request are counted within a minute, so that no flood fills the account. */
  note(record: AuditRecord): void;
}
export const Audit = Symbol('Audit');
