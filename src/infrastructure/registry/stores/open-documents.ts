import type { RegistrySettings } from '../../config/settings/registry-settings.js';
import { EtcdOptions } from '../../storage/engines/etcd/client/etcd-options.js';
import { PostgresOptions } from '../../storage/engines/postgres/postgres-options.js';
import { checkSettings, invalidSettings, unknownProblem } from '../../validation/check-settings.js';
import type { Documents } from '../documents.js';
import { EtcdDocuments } from './etcd-documents.js';
import { PostgresDocuments } from './postgres-documents.js';

/** Opens the documents that settings name; `file` is where they are. Rejects with `invalid` or `unavailable`. */
export function openDocuments({ engine, options }: RegistrySettings, file: string): Promise<Documents> {
  if (engine === 'etcd') return EtcdDocuments.open(checked(EtcdOptions, options, file));
  return PostgresDocuments.open(checked(PostgresOptions, options, file));
}

function checked<T extends object>(Options: new () => T, options: object, file: string): T {
  const { value, problems, unknown } = checkSettings(Options, options, 'system.registry.options');
  problems.push(...unknown.map(unknownProblem));
  if (problems.length > 0) throw invalidSettings(file, problems);
  return value;
}
