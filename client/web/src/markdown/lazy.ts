// What is loaded after the page.
export { Rendered } from "./blocks.tsx";
export { parse, plain } from "./parser.ts";
