import { printMessage } from './messages.js';

/** How often a line is written if there is no terminal for a bar, in ms. */
const LINE_INTERVAL = 5_000;

/** Shows how far a task is. */
export interface Progress {
  /** `total` only if it has changed. */
  update(done: number, total?: number): void;
  /** Ends the display and prints the result. */
  end(result: string): void;
}

/** A bar on a terminal, else lines. On standard error, because standard output may carry the export. */
export async function startProgress(task: string, unit: string, total: number): Promise<Progress> {
  return process.stderr.isTTY ? progressBar(task, unit, total) : progressLines(task, unit, total);
}

async function progressBar(task: string, unit: string, total: number): Promise<Progress> {
  const { Presets, SingleBar } = await import('cli-progress');
  const format = `${task} {bar} {percentage}% | {value}/{total} ${unit} | {duration_formatted}`;
  const bar = new SingleBar(
    { format, stream: process.stderr, hideCursor: true, etaBuffer: 50 },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return {
    update: (done, newTotal) => {
      if (newTotal !== undefined) bar.setTotal(newTotal);
      bar.update(done);
    },
    end: (result) => {
      bar.stop();
      printMessage(result);
    },
  };
}

function progressLines(task: string, unit: string, total: number): Progress {
  let lastLine = performance.now();
  let currentTotal = total;
  return {
    update: (done, newTotal) => {
      currentTotal = newTotal ?? currentTotal;
      if (performance.now() - lastLine < LINE_INTERVAL) return;
      lastLine = performance.now();
      printMessage(`${task}: ${done} of ${currentTotal} ${unit}`);
    },
    end: (result) => printMessage(result),
  };
}
