import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
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
    const args = ['-h', '127.0.0.1', '-p', `${server.port}`, '--user', engine, '-a', 'k', '-c', '10', '-n', '500'];
    const tests = ['-t', 'ping,set,get,incr,mset', '-P', pipeline, '--csv'];
    const { stdout, stderr } = await run('redis-benchmark', [...args, ...tests]);
    expect(stdout.split('\n').filter((line) => line.startsWith('"'))).toHaveLength(7);
    expect(stderr).not.toContain('ERR');
  }
});

it('docs/redis.md shows programs that work', async () => {
  const page = await readFile(join(ROOT, 'docs/redis.md'), 'utf8');
  const programs = [...page.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, program = '']) => program);
  const outputs = programs.map(async (program) => {
    const env = { ...process.env, REDIS_URL: server.url('memory') };
    const args = ['--input-type=module', '--eval', program];
    return (await run(process.execPath, args, { cwd: join(ROOT, 'test/interop'), env })).stdout;
  });
  expect(await Promise.all(outputs)).toEqual(['hello [ 1, 2 ]\n', "[ 'OK', 2 ]\n"]);
});
