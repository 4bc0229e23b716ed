import 'reflect-metadata';
import { once } from 'node:events';
import { AppError } from '../../domain/errors.js';
import { type PrivateServerReport, type PrivateServerTask, startPrivateServer } from './private-server.js';
import { becomeOwner } from './run-as-owner.js';

/** The process of `startPrivateServerAs`. It ends when the command disconnects or dies. */
const disconnected = once(process, 'disconnect');
const [task] = (await once(process, 'message')) as [PrivateServerTask];
try {
  becomeOwner(task.owner, task.folders);
  const server = await startPrivateServer(task.folders, task.version);
  report({ socketPath: server.socketPath });
  await disconnected;
  await server.stop();
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  const { code, message, details } = error;
  report({ code, message, ...(details === undefined ? {} : { details: { ...details } }) });
  process.disconnect();
}

function report(report: PrivateServerReport): void {
  process.send?.(report);
}
