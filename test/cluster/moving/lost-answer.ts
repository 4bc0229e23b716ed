// Loaded by `node --import` before the server: the answer of the registry to a change of a project's place is lost.
import 'reflect-metadata';
import { AppError } from '../../../src/domain/errors.js';
import { EtcdDocuments } from '../../../src/infrastructure/registry/stores/etcd-documents.js';

const { commit } = EtcdDocuments.prototype;
const lost = new Set<string>();

EtcdDocuments.prototype.commit = async function (expected, changes) {
  const revision = await commit.call(this, expected, changes);
  for (const [name, text] of changes) {
    if (!name.startsWith('projects/') || text === undefined) continue;
    const { placement } = JSON.parse(text);
    const last = placement.migrations?.at(-1);
    if (last?.state !== 'done' || placement.preparing !== undefined || lost.has(last.id)) continue;
    lost.add(last.id);
    throw new AppError('unavailable', 'the answer of the registry was lost');
  }
  return revision;
};
