import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { TestServer } from '../../harness/test-server.js';

export interface Response {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly $ref: string }>>;
  readonly content?: Readonly<Record<string, { readonly schema: object; readonly example?: unknown }>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly description?: string;
  readonly example?: unknown;
  readonly schema: {
    readonly examples?: readonly unknown[];
    readonly items?: { readonly examples?: readonly unknown[] };
  };
}

interface Reference {
  readonly $ref: string;
}

export interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security?: readonly object[];
  readonly parameters: readonly (Parameter | Reference)[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: object; readonly example: unknown }>>;
  };
  readonly responses: Readonly<Record<string, Response | Reference>>;
}

/** An operation, its place in the document, and its resolved parameters. */
export interface Documented {
  readonly operation: Operation;
  readonly path: string;
  readonly method: string;
  readonly parameters: readonly Parameter[];
}

/** The OpenAPI document of a server, for tests that compare its responses with it. */
export class DocumentedRoutes {
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  readonly #validators = new Map<string, ValidateFunction>();
  readonly all: readonly Documented[];

  // biome-ignore lint/suspicious/noExplicitAny: a document of any shape
  constructor(readonly document: any) {
    this.#ajv.addSchema({ ...document, $id: 'openapi' });
    const { paths } = document as { paths: Record<string, Record<string, Operation>> };
    this.all = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        operation,
        path,
        method: method.toUpperCase(),
        parameters: operation.parameters.map((one) => this.resolve(one)),
      })),
    );
  }

  static async of(server: TestServer): Promise<DocumentedRoutes> {
    return new DocumentedRoutes((await server.call('GET', '/openapi.json')).json);
  }

  /** The target of a reference; other values as they are. */
  resolve<T extends object>(value: T | Reference): T {
    if (!('$ref' in value)) return value;
    const parts = value.$ref.slice(2).split('/');
    return parts.reduce((at, part) => at[part], this.document) as T;
  }

  /** What is wrong with a value by the schema, or undefined. */
  problemWith(value: unknown, schema: object): string | undefined {
    const name = JSON.stringify(schema);
    let validate = this.#validators.get(name);
    if (validate === undefined) {
      validate = this.#ajv.compile(JSON.parse(name.replaceAll('"$ref":"#/', '"$ref":"openapi#/')));
      this.#validators.set(name, validate);
    }
    return validate(value) ? undefined : this.#ajv.errorsText(validate.errors);
  }
}
