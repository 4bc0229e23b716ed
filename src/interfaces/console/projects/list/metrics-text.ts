/** The values of a metric by one of its labels, in the text format of Prometheus. */
export function valuesOf(text: string, metric: string, label: string): Map<string, number> {
  const line = new RegExp(`^${metric}\\{(?:[^}]*,)?${label}="([^"]*)"[^}]*\\} (\\S+)`, 'gm');
  return new Map([...text.matchAll(line)].map(([, name, value]) => [name as string, Number(value)]));
}
