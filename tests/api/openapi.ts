import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

interface Operation {
  responses: Record<string, { content?: Record<string, { schema: unknown }> }>;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
}

/** Checks an API's responses against the OpenAPI document that it serves. */
export class Contract {
  readonly #document: Document;
  readonly #templates: string[];
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(document: Document) {
    this.#document = document;
    // When two paths match, the one with fewer parameters is meant.
    this.#templates = Object.keys(document.paths).sort((one, other) => parameters(one) - parameters(other));
    addFormats.default(this.#ajv);
    this.#ajv.addSchema(document, "api");
  }

  /** @throws when the status is not declared or the body does not match. Paths that the API does not have are not checked. */
  check(method: string, path: string, status: number, body: unknown): void {
    const template = this.#templates.find((template) => matches(template, path));
    const operation = template && this.#document.paths[template]?.[method.toLowerCase()];
    if (!template || !operation) return;
    const response = operation.responses[status];
    if (!response) throw new Error(`${method} ${path} answered ${status}, which its schema does not declare.`);
    if (!response.content) {
      if (body !== undefined) throw new Error(`${method} ${path} answered ${status} with a body.`);
      return;
    }
    const pointer = ["paths", template, method.toLowerCase(), "responses", `${status}`, "content", "application/json"];
    const validate = this.#validator(`api#/${[...pointer, "schema"].map(escape).join("/")}`);
    if (!validate(body)) {
      throw new Error(`${method} ${path} ${status} does not fit: ${this.#ajv.errorsText(validate.errors)}`);
    }
  }

  #validator(reference: string): ValidateFunction {
    const known = this.#validators.get(reference);
    if (known) return known;
    const made = this.#ajv.compile({ $ref: reference });
    this.#validators.set(reference, made);
    return made;
  }
}

const escape = (part: string) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"));

const parameters = (template: string) => template.split("{").length - 1;

/** Documented paths end in a slash, which is optional. */
function matches(template: string, path: string): boolean {
  const pattern = template.replace(/\/$/, "").replace(/\{[^}]+\}/g, "[^/]+");
  return new RegExp(`^${pattern}/?$`).test(path);
}
