import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import type { LogOptions } from '../../../../src/infrastructure/observability/pino-logger.js';

const MODULE = new URL('../../../../src/infrastructure/observability/pino-logger.js', import.meta.url).href;

/** The output of a process that logs at every level and exits at once. */
function outputOf(options: LogOptions): { stdout: string; stderr: string } {
  const script = `
    const { pinoLogger } = await import('${MODULE}');
    const log = await pinoLogger(${JSON.stringify(options)});
    log.debug?.({ n: 1 }, 'debugged');
    log.info({ project: 'p' }, 'done');
    log.warn({}, 'warned');
    log.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'failed');
    process.exit(0);`;
  return spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
}

describe('pinoLogger', () => {
  it('writes JSON lines to standard error if that is not a terminal', () => {
    const before = Date.now();
    const { stdout, stderr } = outputOf({ level: 'info', format: 'auto' });
    expect(stdout).to.equal('');
    const lines = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ level, msg }) => `${level} ${msg}`)).to.deep.equal([
      'info done',
      'warn warned',
      'error failed',
    ]);
    expect(lines[0]).to.include({ project: 'p' });
    expect(new Date(lines[0].time).getTime()).to.be.within(before, Date.now());
    expect(lines[2].err.stack).to.match(/outer[\s\S]*inner/);
  });

  it('writes pretty lines, without colours, if the format is pretty', () => {
    const { stderr } = outputOf({ level: 'debug', format: 'pretty' });
    expect(stderr).to.match(/^\[\d\d:\d\d:\d\d\.\d+\] DEBUG: debugged\n {4}n: 1\n\[.*INFO: done\n {4}project: "p"\n/);
    expect(stderr).not.to.include('\u001b');
  });

  it('writes nothing below its level', () => {
    expect(outputOf({ level: 'silent', format: 'json' }).stderr).to.equal('');
    expect(outputOf({ level: 'error', format: 'json' }).stderr.trim().split('\n')).to.have.length(1);
  });
});
