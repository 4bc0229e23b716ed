/** Text that was not saved yet, with the version that it began from. */
export interface EntryDraft {
  readonly text: string;
  readonly contentType: string;
  /** Undefined for a key that is new. */
  readonly base: { readonly version: string; readonly text: string } | undefined;
}

/** The name of the draft of an entry; without a key, of the new entry of a project. */
export function draftName(project: string, key?: string): string {
  return key === undefined ? `new entry ${project}` : `entry ${project}/${key}`;
}
