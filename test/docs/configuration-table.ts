interface Schema {
  readonly $ref?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
}

const MARKS = /(<!-- configuration[^\n]*-->\n)[\s\S]*?(<!-- end -->)/;

/** The page with the table of all members of the configuration between its marks. */
export function withConfigurationTable(
  page: string,
  schema: Schema & { readonly definitions: Readonly<Record<string, Schema>> },
): string {
  const of = ({ $ref }: Schema) =>
    $ref === undefined ? undefined : schema.definitions[$ref.replace('#/definitions/', '')];
  const rows = (at: Schema, path: string): string[] =>
    Object.entries(at.properties ?? {}).flatMap(([name, member]) => {
      const section = of(member) ?? of(member.items ?? {});
      const here = `${path}${name}${member.items !== undefined && section !== undefined ? '[]' : ''}`;
      return section === undefined ? [row(here, member)] : rows(section, `${here}.`);
    });
  const table = ['| member | default | meaning |', '| --- | --- | --- |', ...rows(schema, '')];
  return page.replace(MARKS, (_, begin: string, end: string) => `${begin}\n${table.join('\n')}\n\n${end}`);
}

function row(path: string, { default: value, description = '' }: Schema): string {
  const shown = value === undefined ? '' : `\`${JSON.stringify(value)}\``;
  return `| \`${path}\` | ${shown} | ${description.replaceAll('|', '\\|')} |`;
}

/** A page without the spaces that only align its tables. */
export function unaligned(page: string): string {
  return page.replaceAll(/ *\| */g, '|').replaceAll(/-{3,}/g, '---');
}
