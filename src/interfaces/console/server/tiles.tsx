import type { ComponentChildren } from 'preact';
import { bytes, count } from '../formats/quantity.js';
import { duration } from '../formats/time.js';
import { rate, share } from './formats.js';
import type { Measurement } from './metrics/measurement.js';
import { cpuBetween, ratesBetween } from './metrics/rates.js';
import type { ServerState } from './use-server-state.js';

/** The measurements of now, each in a tile. */
export function Tiles({
  state,
  measurements,
}: {
  readonly state: ServerState;
  readonly measurements: readonly Measurement[];
}) {
  const [last, before] = [measurements.at(-1), measurements.at(-2)];
  const rates = last && before && ratesBetween(before, last);
  const perSecond = rates && [...rates.values()].reduce((sum, rate) => sum + rate.perSecond, 0);
  const cpu = last && before && cpuBetween(before, last);
  return (
    <dl class="tiles">
      <Tile name="Up for">{duration(state.uptime)}</Tile>
      <Tile name="Requests a second">{perSecond === undefined ? '–' : rate(perSecond)}</Tile>
      <Tile name="Open streams">{last?.openWatches === undefined ? '–' : count(last.openWatches)}</Tile>
      <Tile name="Memory">{bytes(last?.memoryBytes ?? state.memoryBytes)}</Tile>
      <Tile name="Processor">{cpu === undefined ? '–' : share(cpu)}</Tile>
      <Tile name="Projects">{count(state.projects)}</Tile>
      <Tile name="Data stored">{bytes(state.storageBytes)}</Tile>
      <Disk measurements={last} />
    </dl>
  );
}

function Tile({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div class="tile">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** How much of the disk is free, and whether that is enough to write. */
function Disk({ measurements }: { readonly measurements: Measurement | undefined }) {
  const { freeBytes, diskBytes, reserveBytes = 0 } = measurements ?? {};
  if (freeBytes === undefined || diskBytes === undefined) return <Tile name="Disk free">–</Tile>;
  const isFull = freeBytes < reserveBytes;
  const isLow = !isFull && freeBytes < Math.max(2 * reserveBytes, diskBytes * 0.05);
  const used = diskBytes - freeBytes;
  return (
    <div class={`tile disk${isFull ? ' full' : isLow ? ' low' : ''}`}>
      <dt>Disk free</dt>
      <dd>
        {bytes(freeBytes)} <small>of {bytes(diskBytes)}</small>
        <meter min={0} max={diskBytes} value={used} aria-label={`${share(used / diskBytes)} of the disk is used`} />
        {isFull && <span class="problem">Full: writes are refused; reading and deleting work. Make room.</span>}
        {isLow && <span class="problem">{`Below ${bytes(reserveBytes)} writes are refused. Make room.`}</span>}
      </dd>
    </div>
  );
}
