import type { UnitResult } from './run-unit.js';

/** The marks in docs/redis.md between which the table is. */
const BEGIN = '<!-- redis-suite -->';
const END = '<!-- /redis-suite -->';

/** The table of `docs/redis.md`. */
export function suiteTable(version: string, results: readonly UnitResult[]): string {
  const rows = results.map((result) => {
    const reasons = [...result.byDesign].sort(([, a], [, b]) => b - a).map(([reason, count]) => `${count} ${reason}`);
    return [result.unit, result.passed, result.failed.length, sumOf(result), result.notExternal, reasons.join('; ')];
  });
  const total = (of: (result: UnitResult) => number) => results.reduce((sum, result) => sum + of(result), 0);
  const counts = [
    total((it) => it.passed),
    total((it) => it.failed.length),
    total(sumOf),
    total((it) => it.notExternal),
  ];
  const head = [
    `tests of Redis ${version}`,
    'passed',
    'failed',
    'left out',
    'not external',
    'left out, because they are about',
  ];
  return tableOf([head, ...rows, ['all', ...counts, '']]);
}

/** The page with another table. */
export function withTable(page: string, table: string): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`the page lacks ${BEGIN} and ${END}`);
  return `${page.slice(0, from + BEGIN.length)}\n\n${table}\n\n${page.slice(to)}`;
}

function sumOf({ byDesign }: UnitResult): number {
  return [...byDesign.values()].reduce((sum, count) => sum + count, 0);
}

function tableOf(rows: readonly (readonly (string | number)[])[]): string {
  const [head = [], ...rest] = rows.map((row) => `| ${row.join(' | ')} |`);
  const line = `|${rows[0]?.map((_, i) => (i > 0 && i < 5 ? ' ---: |' : ' --- |')).join('')}`;
  return [head, line, ...rest].join('\n');
}
