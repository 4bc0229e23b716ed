/** The groups of routes in the documentation, in this order. */
export const tags = {
  Entries: 'Read and write one entry, with its metadata, in the envelope.',
  Values: 'Read and write the bytes of one entry as they are; keys may contain slashes.',
  Store: 'Many entries at once.',
  Changes: 'What changes, as it happens.',
  Projects: 'Isolated namespaces, each with its own engine, limits and keys.',
  Keys: 'Who may do what.',
  Copies: 'Export, import, snapshots and moves from one engine to another.',
  Dialects: 'The interfaces of other servers.',
  Server: 'The state of the server and its documentation.',
} as const;

export type Tag = keyof typeof tags;
