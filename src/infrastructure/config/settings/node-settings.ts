import { Described, Optional, Rule, WholeNumber } from '../../validation/setting-rules.js';

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** What is this server's own among several. */
export class NodeSettings {
  @Described(
    'The name of this server in its log, in its metrics and in `portkv nodes`. By default servers that share a ' +
      'registry make one of the name of the machine, and keep it in the data folder.',
    { type: 'string', pattern: ID.source },
  )
  @Optional()
  @Rule(
    'nodeId',
    'must be 1 to 64 letters, digits, dots, underscores or hyphens, the first a letter or a digit',
    (value) => typeof value === 'string' && ID.test(value),
  )
  id?: string;

  @Described(
    'Seconds for which a server that is to stop (SIGTERM) goes on to serve, with /readyz at 503, so that load ' +
      'balancers send it nothing more.',
  )
  @Optional()
  @WholeNumber(0, 3600)
  drain_seconds = 0;
}
