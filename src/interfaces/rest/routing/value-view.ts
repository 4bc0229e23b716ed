import type { ValueView } from '../../../domain/value.js';
import { oneOf, type Parameter } from './query-parameters.js';

export const VIEWS = ['auto', 'json', 'text', 'base64'] as const satisfies readonly ValueView[];

const VIEWED =
  'How values are shown: `base64`; `text`, else base64; `json`, else text, else base64; or `auto`, which is `json` ' +
  'for values with a JSON content type and `text` for others. `encoding` says which it is.';

/** The parameter that says how values are shown. */
export const as: Parameter<ValueView> = oneOf(`${VIEWED} The default is \`auto\`.`, VIEWS);

/** The same on a route of Simple-PyKV. */
export const asIfAsked: Parameter<ValueView> = oneOf(
  `${VIEWED} If it is left out: JSON if the bytes are JSON, else text, else base64, and only base64 is marked.`,
  VIEWS,
);
