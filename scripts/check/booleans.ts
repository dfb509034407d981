// A plugin of deno lint: the name of a variable, a parameter or a field of a class that holds a boolean reads as a yes or
// no (`isOpen`, `hasMore`), as far as the line itself shows that it does. Properties of data keep the names that APIs,
// tables and libraries give them.

/** What this rule reads of a node; tsc does not know Deno's types. */
interface Node {
  type: string;
  name?: string;
  value?: unknown;
  operator?: string;
  argument?: Node;
  left?: Node;
  right?: Node;
  callee?: Node;
  property?: Node;
  typeAnnotation?: Node | { typeAnnotation: Node };
}

interface Variable {
  id: Node;
  init: Node | null;
}

interface Field {
  key: Node;
  value: Node | null;
  typeAnnotation?: { typeAnnotation: Node };
}

interface Context {
  report(problem: { node: Node; message: string }): void;
}

const YES_OR_NO = /^(is|has|can|are|was|were|did|does|do|should|must|needs|may|knows|wants|will|would)([A-Z_]|$)/;
const COMPARISONS = new Set(["==", "!=", "===", "!==", "<", "<=", ">", ">=", "in", "instanceof"]);
/** Methods that return a boolean, whatever they are called on. */
const TESTS = new Set(["every", "some", "includes", "startsWith", "endsWith", "isArray", "isInteger"]);

/** Whether the value of an expression is a boolean. */
function isBoolean({ type, value, operator, argument, left, right, callee }: Node): boolean {
  if (type === "Literal") return typeof value === "boolean";
  if (type === "UnaryExpression") return operator === "!";
  if (type === "BinaryExpression") return COMPARISONS.has(operator!);
  if (type === "LogicalExpression") return isBoolean(right!) && (operator === "??" || isBoolean(left!));
  if (type === "AwaitExpression") return isBoolean(argument!);
  if (type !== "CallExpression") return false;
  const called = callee!.type === "MemberExpression" ? callee!.property! : callee!;
  return TESTS.has(called.name ?? "") || YES_OR_NO.test(called.name ?? "");
}

const isDeclared = (annotation: { typeAnnotation: Node } | undefined): boolean =>
  annotation?.typeAnnotation.type === "TSBooleanKeyword";

function check(context: Context, named: Node, hasBoolean: boolean): void {
  const isName = named.type === "Identifier" || named.type === "PrivateIdentifier";
  if (!hasBoolean || !isName || YES_OR_NO.test(named.name!)) return;
  context.report({ node: named, message: `The boolean ${named.name} does not read as a yes or no: is…, has…` });
}

function checkParameters(context: Context, { params }: { params: Node[] }): void {
  for (const parameter of params) {
    const { left, right } = parameter;
    const named = parameter.type === "AssignmentPattern" ? left! : parameter;
    const annotation = named.typeAnnotation as { typeAnnotation: Node } | undefined;
    check(context, named, isDeclared(annotation) || parameter.type === "AssignmentPattern" && isBoolean(right!));
  }
}

export default {
  name: "parley-names",
  rules: {
    booleans: {
      create: (context: Context) => ({
        VariableDeclarator: ({ id, init }: Variable) =>
          check(
            context,
            id,
            isDeclared(id.typeAnnotation as { typeAnnotation: Node } | undefined) || !!init && isBoolean(init),
          ),
        PropertyDefinition: ({ key, value, typeAnnotation }: Field) =>
          check(context, key, isDeclared(typeAnnotation) || !!value && isBoolean(value)),
        ":matches(FunctionDeclaration, FunctionExpression, ArrowFunctionExpression, TSEmptyBodyFunctionExpression)": (
          node: { params: Node[] },
        ) => checkParameters(context, node),
      }),
    },
  },
};
