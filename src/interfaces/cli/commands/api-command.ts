import { Command, Option } from 'commander';
import { withTargetOptions } from '../connection/target.js';

/** A command that calls the API, and prints its result as JSON if asked to. */
export function apiCommand(name: string): Command {
  return withTargetOptions(new Command(name)).addOption(jsonOption());
}

export function jsonOption(): Option {
  return new Option('--json', 'print the result as JSON on standard output');
}
