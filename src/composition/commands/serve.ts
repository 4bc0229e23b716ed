import type { ServeOptions } from '../../interfaces/cli/actions.js';
import { HangupSignal } from '../reload/hangup.js';
import { printKeys } from '../show-keys.js';
import { stopOnSignals } from '../shutdown.js';
import { startServer } from '../start-server.js';
import { printStartupReport } from '../startup-report.js';
import { runAsOwner } from './run-as-owner.js';

/** How long after a signal a client may use its connection once more, to learn that it ends, in ms. */
const STOP_GRACE = 300;

/** Starts the server, reports it, and keeps it running until a signal stops it. */
export async function serve(options: ServeOptions, version: string): Promise<void> {
  const hangup = new HangupSignal();
  await runAsOwner(options, (line) => console.error(line));
  const server = await startServer(options, version, { show: printKeys });
  stopOnSignals(server.drain, () => server.stop(STOP_GRACE), server.log);
  printStartupReport(server, version);
  hangup.start(() => void server.reload());
}
