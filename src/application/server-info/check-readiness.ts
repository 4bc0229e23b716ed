import { inject, injectable } from 'tsyringe';
import { Redaction } from '../inbound/redaction.js';
import { Keyspaces } from '../keyspace/keyspaces.js';
import { AccessSettings } from '../ports/access-settings.js';
import { Credentials } from '../ports/registry/credentials.js';
import { UnclaimedProjects } from '../projects/unclaimed-projects.js';
import { OwnNode } from './own-node.js';

/** Finds the projects that cannot be served; needs no key. */
@injectable()
export class CheckReadiness {
  constructor(
    @inject(Keyspaces) private readonly keyspaces: Keyspaces,
    @inject(UnclaimedProjects) private readonly unclaimedProjects: UnclaimedProjects,
    @inject(AccessSettings) private readonly settings: Pick<AccessSettings, 'projectDiscoverable'>,
    @inject(Redaction) private readonly redaction: Redaction,
    @inject(OwnNode) private readonly own: Pick<OwnNode, 'state'>,
    @inject(Credentials) private readonly credentials: Pick<Credentials, 'requireCurrent'>,
  ) {}

  /**
   * The reason for each project, without names of files; empty if the server is ready. Throws `unavailable` if it
   * refuses all requests.
   */
  execute(): ReadonlyMap<string, string> {
    this.credentials.requireCurrent();
    const failures = [...this.keyspaces.failures()];
    return new Map(failures.map(([project, reason]) => [project, this.redaction.textFor(reason, undefined)]));
  }

  /** Whether the server is about to stop: it serves, but should get no more requests. */
  get isDraining(): boolean {
    return this.own.state === 'draining';
  }

  /** Settings of other servers that are unsafe, by project; none if projects are not discoverable. */
  warnings(): ReadonlyMap<string, readonly string[]> {
    return this.settings.projectDiscoverable ? this.keyspaces.warnings() : new Map();
  }

  /** The projects that have data and are not registered; none if projects are not discoverable. */
  unclaimed(): readonly string[] {
    return this.settings.projectDiscoverable ? this.unclaimedProjects.list() : [];
  }
}
