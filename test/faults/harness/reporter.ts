import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Reporter from '../../harness/reporter.js';
import { SEED } from './seed.js';

const folder = mkdtempSync(join(tmpdir(), 'portkv-figures-'));
const figures = join(folder, 'figures');
writeFileSync(figures, '');
// The processes that run test files inherit these.
process.env.FAULTS_FIGURES = figures;
process.env.FAULTS_SEED = `${SEED}`;

/** Ends with the sums of the figures that the tests reported. */
export default class FaultsReporter extends Reporter {
  override epilogue(): void {
    const { failures } = this.stats;
    const verdict = failures === 0 ? 'lost 0, torn 0, unopenable 0' : `${failures} checks failed, see below`;
    console.log(`\n  In all: ${sums(readFileSync(figures, 'utf8'))}; ${verdict}; seed ${SEED}`);
    rmSync(folder, { recursive: true });
    super.epilogue();
  }
}

function sums(lines: string): string {
  const totals = new Map<string, number>();
  for (const line of lines.split('\n').filter(Boolean)) {
    for (const [name, figure] of Object.entries<number | string>(JSON.parse(line))) {
      if (typeof figure === 'number' && figure > 0) totals.set(name, (totals.get(name) ?? 0) + figure);
    }
  }
  return [...totals].map(([name, total]) => `${name} ${total}`).join(', ');
}
