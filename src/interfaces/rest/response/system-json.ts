import type { SystemStatusRecord } from '../../../application/ports/system-status.js';

let shown: SystemStatusRecord | undefined;
let json = '';

/** The status of the server as Simple-PyKV's envelopes show it, as JSON text; made again only if it changed. */
export function systemJson(status: SystemStatusRecord): string {
  if (status !== shown) {
    shown = status;
    json = JSON.stringify({
      memory_usage_bytes: status.memoryBytes,
      number_of_projects: status.projects,
      storage_usage_bytes: status.storageBytes,
      uptime: status.uptime,
      version: status.version,
    });
  }
  return json;
}
