/** What the statements of functions use of Deno when a test explains their plans in Node. */
declare const Deno: { env: { get(name: string): string | undefined } };
