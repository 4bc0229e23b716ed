/** How often a line is written where no bar can be drawn, in ms. */
const LINE_EVERY = 5_000;

/** Shows how far something is. */
export interface Progress {
  /** `total` where it changed. */
  update(done: number, total?: number): void;
  /** Ends it; the text says how it went. */
  end(text: string): void;
}

/** A bar on a terminal, lines elsewhere; on standard error, for standard output may be the export. */
export async function progressOf(what: string, unit: string, total: number): Promise<Progress> {
  return process.stderr.isTTY ? barOf(what, unit, total) : linesOf(what, unit, total);
}

async function barOf(what: string, unit: string, total: number): Promise<Progress> {
  const { Presets, SingleBar } = await import('cli-progress');
  const format = `${what} {bar} {percentage}% | {value}/{total} ${unit} | {duration_formatted}`;
  const bar = new SingleBar(
    { format, stream: process.stderr, hideCursor: true, etaBuffer: 50 },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return {
    update: (done, now) => {
      if (now !== undefined) bar.setTotal(now);
      bar.update(done);
    },
    end: (text) => {
      bar.stop();
      console.error(text);
    },
  };
}

function linesOf(what: string, unit: string, total: number): Progress {
  let last = performance.now();
  let all = total;
  return {
    update: (done, now) => {
      all = now ?? all;
      if (performance.now() - last < LINE_EVERY) return;
      last = performance.now();
      console.error(`${what}: ${done} of ${all} ${unit}`);
    },
    end: (text) => console.error(text),
  };
}
