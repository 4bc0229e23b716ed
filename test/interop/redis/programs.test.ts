import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../package-exports.ts';
import { ENGINES, RedisServer } from './redis-server.ts';

const run = promisify(execFile);

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server.stop());

async function cli(project: string, ...args: string[]): Promise<string> {
  return (await run('redis-cli', ['-u', server.url(project), '--no-auth-warning', ...args])).stdout.trim();
}

it.each(ENGINES)('redis-cli reads, writes and looks around on %s', async (engine) => {
  expect(await cli(engine, 'set', 'a', '1')).toBe('OK');
  expect(await cli(engine, '-2', 'incr', 'a')).toBe('2');
  expect(await cli(engine, '-3', 'get', 'a')).toBe('2');
  expect(await cli(engine, '-3', '--json', 'config', 'get', 'databases')).toBe('{"databases":"1"}');
  expect(await cli(engine, 'mset', 'b', 'x'.repeat(100), 'c', 'y')).toBe('OK');
  expect((await cli(engine, '--scan', '--pattern', '[bc]')).split('\n').sort()).toEqual(['b', 'c']);
  expect(await cli(engine, '--bigkeys')).toMatch(/Biggest string found\s+'"b"' has 100 bytes/);
  expect(await cli(engine, '--memkeys')).toMatch(/Biggest string found\s+'"b"' has 101 bytes/);
  expect(await cli(engine, 'object', 'encoding', 'a')).toBe('int');
  expect(await cli(engine, 'command', 'docs', 'get')).toContain('summary');
  expect(await cli(engine, 'lpush', 'l', '1')).toContain("ERR unknown command 'lpush'");
});

it.each(ENGINES)('redis-benchmark measures what it has, alone and in a pipeline, on %s', async (engine) => {
  for (const pipeline of ['1', '16']) {
    const args = ['-h', '127.0.0.1', '-p', `${server.port}`, '--user', engine, '-a', 'k', '-c', '10', '-n', '200'];
    const tests = ['-t', 'ping,set,get,incr,mset', '-P', pipeline, '--csv'];
    const { stdout, stderr } = await run('redis-benchmark', [...args, ...tests]);
    expect(stdout.split('\n').filter((line) => line.startsWith('"'))).toHaveLength(7);
    expect(stderr).not.toContain('ERR');
  }
});

/** How a program is run, how a machine shows that it can, and what the one in docs/redis.md prints. */
const LANGUAGES = {
  js: [[process.execPath, '--input-type=module', '--eval'], '', ['hello [ 1, 2 ]\n', "[ 'OK', 2 ]\n"]],
  python: [['/usr/bin/python3', '-c'], 'import redis', ['hello [True, 2]\n']],
  ruby: [['ruby', '-e'], "require 'redis'", ['hello ["OK", 2]\n']],
  php: [['php', '-r'], 'new Redis();', ['hello [true,2]\n']],
} as const;

describe.each(Object.entries(LANGUAGES))('docs/redis.md: %s', (language, [[command, ...options], probe, outputs]) => {
  const execute = async (program: string) => {
    const env = { ...process.env, REDIS_URL: server.url('memory') };
    return (await run(command, [...options, program], { cwd: join(ROOT, 'test/interop'), env })).stdout;
  };

  it('has programs that work', async ({ skip }) => {
    // The packages are not everywhere; a build server has them.
    if (process.env.CI === undefined) await execute(probe).catch(() => skip(`no client of Redis for ${language}`));
    const page = await readFile(join(ROOT, 'docs/redis.md'), 'utf8');
    const programs = [...page.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))];
    const found: string[] = [];
    for (const [, program = ''] of programs) {
      await cli('memory', 'flushdb');
      found.push(await execute(program.replace(/^<\?php\n/, '')));
    }
    expect(found).toEqual(outputs);
  });
});
