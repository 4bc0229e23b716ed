import type { ComponentChildren } from 'preact';

interface Column {
  readonly label: string;
  /** Its cells are at the right side. */
  readonly isNumber?: boolean;
  /** Only for screen readers: the cells say it themselves. */
  readonly isHidden?: boolean;
}

/** A table with a heading for each column. On a narrow screen its rows are cards with the `data-label` of each cell. */
export function DataTable(props: {
  readonly columns: readonly (string | Column)[];
  readonly children: ComponentChildren;
}) {
  return (
    <table class="table">
      <thead>
        <tr>
          {props.columns.map((column) => (
            <Heading key={column} {...(typeof column === 'string' ? { label: column } : column)} />
          ))}
        </tr>
      </thead>
      <tbody>{props.children}</tbody>
    </table>
  );
}

function Heading({ label, isNumber, isHidden }: Column) {
  return (
    <th scope="col" class={isNumber === true ? 'number' : ''}>
      {isHidden === true ? <span class="visually-hidden">{label}</span> : label}
    </th>
  );
}

/** The heading of the buttons at the end of a row. */
export const ACTIONS: Column = { label: 'Actions', isHidden: true };

export function numbers(label: string): Column {
  return { label, isNumber: true };
}
