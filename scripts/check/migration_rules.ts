import { parseSync } from "@libpg-query/parser";

/** A node of Postgres's parser, by its one key. */
// deno-lint-ignore no-explicit-any
type Node = Record<string, any>;

/** A comment above a statement that says why its lock is short, or that no client uses the table. */
const EXCUSE = /^-- Short lock: \S/m;
/** Functions in a default that give one value for all rows. */
const SAME_FOR_ALL = new Set(["now", "statement_timestamp", "transaction_timestamp"]);

/**
 * What may hold up clients of a live database: statements without a limit on waiting, and those that read or write a whole
 * table under a lock.
 * @param text a migration after the first release; the parser is loaded.
 */
export function problemsOfMigration(text: string): string[] {
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder();
  const statements = (parseSync(text).stmts ?? []).map(({ stmt, stmt_location: from = 0, stmt_len: length }) => {
    const source = decoder.decode(bytes.subarray(from, length ? from + length : undefined));
    const [kind = "", node = {}] = Object.entries(stmt as Node)[0] ?? [];
    return { kind, node: node as Node, source };
  });
  const [only, ...others] = statements;
  if (only && others.length === 0 && only.kind === "IndexStmt" && only.node.concurrent) return [];
  const made = new Set(statements.filter(({ kind }) => kind === "CreateStmt").map(({ node }) => nameOf(node.relation)));
  const inexcusable = statements.filter(({ source }) => !EXCUSE.test(source));
  return [
    ...missingParts(statements, text),
    ...inexcusable.flatMap(({ kind, node }) => problemsOf(kind, node, made)),
    ...validatedAtOnce(statements.map(({ node }) => node)),
  ];
}

const nameOf = ({ schemaname, relname }: Node) => `${schemaname ?? "public"}.${relname}`;

function missingParts(statements: { kind: string; node: Node }[], text: string): string[] {
  const isLimited = statements.some(({ kind, node }) =>
    kind === "VariableSetStmt" && node.name === "lock_timeout" && node.is_local
  );
  const isMakingObjects = statements.some(({ kind, node }) =>
    /^(CreateStmt|CreateFunctionStmt|CreateSeqStmt|ViewStmt|CreateTableAsStmt)$/.test(kind) &&
    nameOf(node.relation ?? node.view ?? node.into?.rel ?? {}) !== "chat_private.default_grants"
  );
  return [
    ...(isLimited ? [] : ["it begins without `set local lock_timeout`."]),
    ...(isMakingObjects && !text.includes("create table chat_private.default_grants")
      ? ["it makes objects, and does not repeat sql/015_default_grants.sql before them."]
      : []),
    ...(isMakingObjects && !/revoke execute on all functions in schema chat, chat_private from public, anon/.test(text)
      ? ["it makes objects, and does not repeat sql/900_grants.sql after them."]
      : []),
  ];
}

/** Constraints that are added and validated in one transaction, which holds the lock of the first for the second. */
function validatedAtOnce(nodes: Node[]): string[] {
  const commands: Node[] = nodes.flatMap(({ cmds = [] }) => cmds.map(({ AlterTableCmd: command }: Node) => command));
  const added = commands.filter(({ subtype }) => subtype === "AT_AddConstraint").map(({ def }) =>
    def.Constraint.conname
  );
  return commands.filter(({ subtype, name }) => subtype === "AT_ValidateConstraint" && added.includes(name))
    .map(({ name }) => `the constraint ${name} is validated in the file that adds it, and not in a later one.`);
}

function problemsOf(kind: string, node: Node, made: Set<string>): string[] {
  if (kind === "IndexStmt") {
    const table = nameOf(node.relation);
    if (node.concurrent) {
      return [`an index of ${table} is made concurrently, which must be the only statement of its file.`];
    }
    return made.has(table) ? [] : [`an index of ${table} is not made concurrently, in a file of its own.`];
  }
  if (kind === "AlterTableStmt") {
    const table = nameOf(node.relation);
    if (made.has(table)) return [];
    return node.cmds.flatMap(({ AlterTableCmd: command }: Node) => problemOfChange(table, command));
  }
  const locks: Record<string, string> = {
    TruncateStmt: "it truncates a table.",
    LockStmt: "it locks a table.",
    ClusterStmt: "it rewrites a table.",
    VacuumStmt: "it vacuums, which a transaction cannot.",
    ReindexStmt: "it makes an index again.",
    RefreshMatViewStmt: "it fills a view again.",
  };
  return locks[kind] ? [locks[kind]] : [];
}

function problemOfChange(table: string, { subtype, name, def }: Node): string[] {
  if (subtype === "AT_AlterColumnType") {
    return [`the type of ${table}.${name} changes, which may write the whole table again.`];
  }
  if (subtype === "AT_SetNotNull") {
    return [
      `${table}.${name} becomes not null, which reads the whole table: validate a check of it before, and say so.`,
    ];
  }
  if (subtype === "AT_SetLogged" || subtype === "AT_SetUnLogged") return [`${table} is written again.`];
  if (subtype === "AT_AddConstraint") return problemOfConstraint(table, def.Constraint);
  if (subtype !== "AT_AddColumn") return [];
  return (def.ColumnDef.constraints ?? []).flatMap(({ Constraint: constraint }: Node) =>
    problemOfNewColumn(`${table}.${def.ColumnDef.colname}`, constraint)
  );
}

function problemOfConstraint(table: string, constraint: Node): string[] {
  const { contype, conname, skip_validation: isNotValid, indexname } = constraint;
  if (/^CONSTR_(CHECK|FOREIGN)$/.test(contype) && !isNotValid) {
    return [`the constraint ${conname} of ${table} is not added \`not valid\`, to be validated in a later file.`];
  }
  if (/^CONSTR_(UNIQUE|PRIMARY)$/.test(contype) && !indexname) {
    return [`the key ${conname} of ${table} is not added \`using index\`, with an index that was made concurrently.`];
  }
  return contype === "CONSTR_EXCLUSION" ? [`the constraint ${conname} makes an index of ${table}.`] : [];
}

function problemOfNewColumn(column: string, { contype, raw_expr: value }: Node): string[] {
  if (/^CONSTR_(CHECK|FOREIGN|UNIQUE|PRIMARY)$/.test(contype)) {
    return [`the constraint of ${column} is not added after it, \`not valid\`.`];
  }
  if (/^CONSTR_(IDENTITY|GENERATED)$/.test(contype)) {
    return [`${column} is computed, which writes the whole table again.`];
  }
  if (contype !== "CONSTR_DEFAULT") return [];
  const called = [...JSON.stringify(value ?? {}).matchAll(/"funcname":\[.*?"sval":"(\w+)"\}\}\]/g)].map(([, name]) =>
    name!
  );
  return called.every((name) => SAME_FOR_ALL.has(name))
    ? []
    : [`the default of ${column} is computed for each row, which writes the whole table again.`];
}
