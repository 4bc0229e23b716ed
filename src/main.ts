import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { CommanderError } from 'commander';
import { AppError } from './domain/errors.js';
import { exitCodeOf, exitCodes } from './interfaces/cli/exit-codes.js';
import { areArgumentsText } from './interfaces/cli/options/arguments-text.js';
import { noticeFailedOutput } from './interfaces/cli/output/failed-output.js';
import { printMessage } from './interfaces/cli/output/messages.js';
import { printResult } from './interfaces/cli/output/print-result.js';
import { programOf } from './interfaces/cli/program.js';

/** Runs the command line. */
export async function run(argv: readonly string[]): Promise<void> {
  const ignoreFailedOutput = noticeFailedOutput();
  if (areArgumentsText(argv)) return execute(argv, ignoreFailedOutput);
  printMessage('An argument is not UTF-8, and would be changed: give a value as - for standard input, or by --file');
  process.exitCode = exitCodes.usage;
}

/** Runs one command and sets the exit code of the process. */
export async function execute(argv: readonly string[], ignoreFailedOutput: () => void): Promise<void> {
  const version = versionOfPackage();
  const program = programOf(version, {
    serve: (options) => {
      ignoreFailedOutput();
      return withSmallNewSpace(async () => {
        // In two steps: the loader opens all files of an import at once, and a process may have few.
        await import('./interfaces/rest/route-table.js');
        return (await import('./composition/commands/serve.js')).serve(options, version);
      });
    },
    init: async (options) => (await import('./composition/commands/init.js')).init(options),
    withClient: async (target, task) =>
      (await import('./composition/commands/connect.js')).withClient(target, version, task),
    verify: async (file, { json }) => {
      const { verifyExport } = await import('./interfaces/cli/transfer/verify-export.js');
      const { shaDigest } = await import('./infrastructure/security/sha-digest.js');
      const result = await verifyExport(file, shaDigest);
      printResult(json, { file, result }, [result]);
    },
    doctor: async (project, options) => {
      const { doctor } = await import('./composition/commands/doctor.js');
      const findings: string[] = [];
      const report = options.json ? (line: string) => findings.push(line) : (line: string) => console.log(line);
      const well = await doctor(project, options, report);
      printResult(options.json, { well, findings }, []);
      if (!well) process.exitCode = exitCodes.failed;
    },
    importRegistry: async (file, { config, json }) => {
      const projects = await (await import('./composition/commands/registry.js')).importRegistry(file, config);
      const done = `The registry has the ${projects} projects of ${file} now: start PortKV with ${config} instead`;
      printResult(json, { file, projects }, [done]);
    },
    setInRegistry: async (name, value, { config, json }) => {
      await (await import('./composition/commands/registry.js')).setInRegistry(name, value, config);
      printResult(json, { name }, [`The servers use ${name} as it is now`]);
    },
    exportRegistry: async (file, { config, json }) => {
      const projects = await (await import('./composition/commands/registry.js')).exportRegistry(file, config);
      printResult(json, { file, projects }, [`Wrote ${file} with ${projects} projects`]);
    },
    health: async (options) => {
      const url = await (await import('./composition/commands/health.js')).checkHealth(options);
      printResult(options.json, { url, alive: true }, [`${url} is alive`]);
    },
  });
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    const { missingAddon } = await import('./infrastructure/native-addons.js');
    process.exitCode = report(missingAddon(error) ?? error);
  }
}

/** Prints the error, if that has not happened yet, and returns the exit code. An error of the program is thrown. */
function report(error: unknown): number {
  // The command line has printed it, or a help text, which is no mistake if it was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
  if (!(error instanceof AppError) && !isOfSystem(error)) throw error;
  printMessage(error.message);
  return exitCodeOf(error);
}

/** Whether the system says it, or a library on it such as zlib: it is no error of the program. */
function isOfSystem(error: unknown): error is Error {
  return error instanceof Error && ('syscall' in error || 'errno' in error);
}

/**
 * Runs a start without growing V8's new space. Loading modules would make V8 grow it to 16 MB, which it never gives
 * back; it should grow only under load, so the usual factor is set again afterwards.
 */
async function withSmallNewSpace(start: () => Promise<void>): Promise<void> {
  setFlagsFromString('--semi-space-growth-factor=1');
  await start();
  setFlagsFromString('--semi-space-growth-factor=2');
}

function versionOfPackage(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
