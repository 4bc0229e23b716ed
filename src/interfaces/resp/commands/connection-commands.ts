import type { ConnectionCommand } from '../client/connection-command.js';
import { authenticationCommands } from './authentication.js';
import { clientCommands } from './clients.js';
import { serverCommands } from './server.js';
import { subscribeCommands } from './subscribe.js';
import { transactionCommands } from './transactions.js';

/** Every command that is not about entries. */
export const connectionCommands: readonly ConnectionCommand[] = [
  ...authenticationCommands,
  ...clientCommands,
  ...serverCommands,
  ...subscribeCommands,
  ...transactionCommands,
];
