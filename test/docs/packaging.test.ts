import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { parseAllDocuments } from 'yaml';
import { Settings } from '../../src/infrastructure/config/settings/settings.js';
import { checkSettings } from '../../src/infrastructure/validation/check-settings.js';
import { DocumentedRoutes } from '../api/documented/documented-routes.js';
import { pathsIn } from '../harness/paths-in.js';
import { TestServer } from '../harness/test-server.js';

// biome-ignore lint/suspicious/noExplicitAny: of every shape
type Document = any;

/** What a file in YAML has. Throws if it is not valid, names a key twice, or an anchor that is missing. */
async function documentsOf(file: string): Promise<Document[]> {
  return parseAllDocuments(await readFile(file, 'utf8'), { merge: true, uniqueKeys: true }).map((document) => {
    const [problem] = [...document.errors, ...document.warnings];
    if (problem !== undefined) throw new Error(`${file}: ${problem.message}`);
    return document.toJS();
  });
}

function settingsIn(text: string): Settings {
  const { value, problems, unknown } = checkSettings(Settings, JSON.parse(text));
  expect([...problems, ...unknown]).to.deep.equal([]);
  return value;
}

describe('The files for containers', () => {
  const folder = 'packaging/kubernetes';

  it('start servers with volumes that are declared, and a configuration that is valid', async () => {
    for (const file of ['compose.yaml', 'compose.cluster.yaml']) {
      const [{ services, volumes, configs = {} }] = await documentsOf(file);
      for (const { volumes: mounted = [], configs: used = [], depends_on = [] } of Object.values<Document>(services)) {
        for (const mount of mounted) expect(volumes, file).to.have.property(mount.split(':')[0]);
        for (const { source } of used) expect(configs, file).to.have.property(source);
        for (const name of depends_on) expect(services, file).to.have.property(name);
      }
    }
    const [{ configs, services }] = await documentsOf('compose.cluster.yaml');
    const { system } = settingsIn(await readFile(configs.portkv.file, 'utf8'));
    expect(Number.parseInt(services['portkv-0'].stop_grace_period, 10)).to.be.greaterThan(
      system.node.drain_seconds + 5,
    );
    const url = String(system.registry?.options.url);
    for (const one of url.split(',')) expect(services).to.have.property(new URL(one).hostname);
  });

  it('are resources of Kubernetes that kustomization.yaml lists, with a configuration that is valid', async () => {
    const [{ resources }] = await documentsOf(`${folder}/kustomization.yaml`);
    expect([...resources, 'kustomization.yaml']).to.have.members(await pathsIn(folder));
    const all: Document[] = [];
    for (const file of resources) all.push(...(await documentsOf(`${folder}/${file}`)));
    for (const { apiVersion, kind, metadata } of all)
      expect([apiVersion, kind, metadata?.name]).to.not.include(undefined);
    const { data } = all.find(({ kind }) => kind === 'ConfigMap');
    const { system } = settingsIn(data['config.json']);
    const { spec } = all.find(({ kind }) => kind === 'StatefulSet').spec.template;
    expect(spec.terminationGracePeriodSeconds).to.be.greaterThan(system.node.drain_seconds + 5);
  });

  it('ask routes that exist whether a server is ready, and alive', async () => {
    const server = await TestServer.start();
    try {
      const paths = (await DocumentedRoutes.of(server)).all.map(({ path }) => path);
      const { spec } = (await documentsOf(`${folder}/servers.yaml`))[0].spec.template;
      const [{ readinessProbe, livenessProbe }] = spec.containers;
      expect(paths).to.include.members([readinessProbe.httpGet.path, livenessProbe.httpGet.path]);
    } finally {
      await server.stop();
    }
  });
});
