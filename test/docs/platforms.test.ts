import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { expect } from 'chai';

interface LockedPackage {
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Platforms of node. */
const PLATFORMS = ['linux', 'darwin', 'win32', 'freebsd'].flatMap((os) =>
  ['x64', 'arm64', 'arm', 'ia32'].map((cpu) => ({ os, cpu })),
);
const C_LIBRARIES = ['glibc', 'musl'];

describe('The platforms in package.json', () => {
  let packages: Readonly<Record<string, LockedPackage>>;
  let declared: LockedPackage & { readonly engines: { readonly node: string } };
  before(async () => {
    ({ packages } = JSON.parse(await readFile('package-lock.json', 'utf8')));
    declared = JSON.parse(await readFile('package.json', 'utf8'));
  });

  const isDeclared = ({ os, cpu }: { os: string; cpu: string }) =>
    declared.os?.includes(os) === true && declared.cpu?.includes(cpu) === true;

  /** Whether a package lists a binary for the platform, and for the C library if it names any. */
  function binaries(name: string, os: string, cpu: string, libc: string): boolean {
    return Object.keys(packages[`node_modules/${name}`]?.optionalDependencies ?? {}).some((optional) => {
      const found = packages[`node_modules/${optional}`];
      if (!found?.os?.includes(os) || !found.cpu?.includes(cpu)) return false;
      return os !== 'linux' || found.libc === undefined || found.libc.includes(libc);
    });
  }

  it('are exactly those for which every addon has a binary, without Windows', () => {
    for (const platform of PLATFORMS) {
      const { os, cpu } = platform;
      const locks = existsSync(`node_modules/fs-native-extensions/prebuilds/${os}-${cpu}/fs-native-extensions.node`);
      const others = ['lmdb', '@node-rs/argon2'].every((name) => binaries(name, os, cpu, 'glibc'));
      expect(isDeclared(platform), `${os}-${cpu}`).to.equal(locks && others && os !== 'win32');
    }
  });

  it('include musl for those addons that list it', () => {
    for (const cpu of declared.cpu ?? []) {
      for (const libc of C_LIBRARIES) {
        for (const name of ['lmdb', '@node-rs/argon2']) {
          expect(binaries(name, 'linux', cpu, libc), `${name} for ${libc} on ${cpu}`).to.equal(true);
        }
      }
    }
  });

  it('name the oldest glibc with which every addon can be loaded', async function () {
    if (process.platform !== 'linux') this.skip();
    const addons = (await readdir('node_modules', { recursive: true })).filter((path) =>
      /^(@lmdb|@msgpackr-extract|@node-rs\/argon2-[^/]+|fs-native-extensions\/prebuilds\/linux-).*\.node$/.test(path),
    );
    const loaded = addons.filter((path) => !path.includes('musl'));
    const needed = await Promise.all(
      loaded.map(async (path) => {
        const content = await readFile(`node_modules/${path}`, 'latin1');
        return [...content.matchAll(/GLIBC_2\.(\d+)/g)].map(([, minor]) => Number(minor));
      }),
    );
    expect(await readFile('README.md', 'utf8')).to.include(`glibc 2.${Math.max(...needed.flat())} or later`);
  });

  it('are in the lock file and in the README, with the oldest version of node', async () => {
    const root = packages[''];
    expect([root?.os, root?.cpu]).to.deep.equal([declared.os, declared.cpu].map((list) => [...(list ?? [])]));
    const readme = await readFile('README.md', 'utf8');
    expect(readme).to.match(/Linux and macOS, on x64 and\s+arm64/);
    expect(readme).to.include(declared.engines.node.replace('>=', ''));
  });
});
