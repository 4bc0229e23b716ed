/** What a client sent is not the protocol: its connection ends after this answer. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';

  constructor(message: string) {
    super(`Protocol error: ${message}`);
  }
}
