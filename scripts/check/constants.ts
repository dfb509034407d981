// A plugin of deno lint: constants of a module that hold a number, a text or a boolean are SCREAMING_SNAKE_CASE. What a test
// file gives its own tests is left alone: `{ password }` is sent as it is written.

/** What this rule reads of a node; tsc does not know Deno's types. */
interface Node {
  type: string;
  name?: string;
  value?: unknown;
  expressions?: Node[];
  argument?: Node;
  left?: Node;
  right?: Node;
}

interface Declaration {
  declarations: { id: Node; init: Node | null }[];
}

interface Context {
  filename: string;
  report(problem: { node: Node; message: string }): void;
}

const UPPER_CASE = /^[A-Z][A-Z\d]*(_[A-Z\d]+)*$/;

/** Whether an expression is a value that is written out, or computed from such values. */
function isPrimitive({ type, value, expressions, argument, left, right }: Node): boolean {
  if (type === "Literal") return ["number", "string", "boolean", "bigint"].includes(typeof value);
  if (type === "TemplateLiteral") return expressions!.length === 0;
  if (type === "UnaryExpression") return isPrimitive(argument!);
  return type === "BinaryExpression" && isPrimitive(left!) && isPrimitive(right!);
}

function check(context: Context, { declarations }: Declaration): void {
  for (const { id, init } of declarations) {
    if (!init || id.type !== "Identifier" || UPPER_CASE.test(id.name!) || !isPrimitive(init)) continue;
    context.report({ node: id, message: `The constant ${id.name} of a module is not SCREAMING_SNAKE_CASE.` });
  }
}

const AT_THE_TOP = ":matches(Program, Program > ExportNamedDeclaration) > VariableDeclaration[kind=const]";

export default {
  name: "parley",
  rules: {
    constants: {
      create: (context: Context) =>
        context.filename.endsWith(".test.ts")
          ? {}
          : { [AT_THE_TOP]: (declaration: Declaration) => check(context, declaration) },
    },
  },
};
