import { spawn } from 'node:child_process';

/**
 * Ends this process for certain: a disk that failed under LMDB can make `process.exit` wait for ever, so something outside makes sure
 * of it half a second later.
 */
export function exitProcess(code: number): never {
  const killer = spawn('/bin/sh', ['-c', `sleep 0.5; kill -9 ${process.pid}`], { detached: true, stdio: 'ignore' });
  killer.on('error', () => undefined).unref();
  process.exit(code);
}
