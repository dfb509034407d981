import { type Action, encodeId, extract, plan } from "@supabase/pg-delta";
import { segmentActions } from "@supabase/pg-delta/apply";
import { formatSqlStatements } from "@supabase/pg-delta/sql-format";
import { Pool } from "pg";

/** Statements that run in one transaction, or the one that runs in none. */
export interface Segment {
  statements: string[];
  isTransaction: boolean;
  /** Whether they make something that default privileges apply to. */
  makesObjects: boolean;
}

/** What a statement of Parley's is about: its schemas, triggers on tables of Auth, policies of Realtime and Storage. */
const OURS = /"?\b(chat|chat_private)"?\.|"?\bauth"?\."?\w+|"?\b(realtime"?\."?messages|storage"?\."?objects)\b/;
/** The owner is who applies the migration. */
const NAMES_OWNER = /^ALTER .* OWNER TO "postgres"$/s;
const MAKES_OBJECTS = /^CREATE (OR REPLACE )?(UNLOGGED )?(TABLE|FUNCTION|SEQUENCE|VIEW|MATERIALIZED VIEW|PROCEDURE)/;
const ADDS_CONSTRAINT = /^ALTER TABLE (\S+) ADD CONSTRAINT (\S+) (?:CHECK|FOREIGN KEY)/;
const FORMAT = { keywordCase: "lower", maxWidth: 120, preserveRoutineBodies: true } as const;

/**
 * The statements that make the wanted schema of the present one, by pg-delta, with locks that a live table can bear:
 * indexes are made concurrently, and constraints not valid, to be validated in a transaction of their own.
 * @param present and `wanted` are addresses of databases.
 */
export async function statements(present: string, wanted: string): Promise<Segment[]> {
  const pools = [present, wanted].map((connectionString) => new Pool({ connectionString }));
  try {
    const [source, desired] = await Promise.all(pools.map((pool) => extract(pool as never)));
    const { actions } = plan(source!.factBase, desired!.factBase, { params: { concurrentIndexes: true } });
    const ours = actions.filter(({ sql }) => OURS.test(sql) && !NAMES_OWNER.test(sql));
    const live = ours.map((action) => isOnNewTable(action, ours) ? inTransaction(action) : action);
    return [...segmentsOf(indexesLast(live)), ...validations(live)];
  } finally {
    await Promise.all(pools.map((pool) => pool.end()));
  }
}

/** Whether the table of an action is made by the same migration: it is empty, and nobody waits for it. */
function isOnNewTable({ sql }: Action, actions: Action[]): boolean {
  return actions.some(({ verb, produces: [id] }) =>
    verb === "create" && id?.kind === "table" && new RegExp(`\\b${id.schema}"?\\."?${id.name}\\b`).test(sql)
  );
}

const inTransaction = (action: Action): Action => ({
  ...action,
  sql: action.sql.replace(/^(CREATE (?:UNIQUE )?INDEX) CONCURRENTLY/, "$1"),
  transactionality: action.transactionality === "nonTransactional" ? "transactional" : action.transactionality,
});

/** Moves what runs outside of transactions to the end, unless something needs it before. */
function indexesLast(actions: Action[]): Action[] {
  const isLate = ({ transactionality, produces }: Action) => {
    const made = produces.map(encodeId);
    return transactionality === "nonTransactional" &&
      !actions.some(({ consumes }) => consumes.some((id) => made.includes(encodeId(id))));
  };
  return [...actions.filter((action) => !isLate(action)), ...actions.filter(isLate)];
}

const isLiveConstraint = (action: Action, actions: Action[]) =>
  ADDS_CONSTRAINT.test(action.sql) && !isOnNewTable(action, actions);

function segmentsOf(actions: Action[]): Segment[] {
  return segmentActions(actions).map(({ start, end, transactional }) => {
    const part = actions.slice(start, end);
    return {
      statements: formatted(
        part.flatMap((action) =>
          isLiveConstraint(action, actions) ? [`${withoutEnd(action.sql)} NOT VALID`] : withoutOwner(action.sql)
        ),
      ),
      isTransaction: transactional,
      makesObjects: part.some(({ sql }) => MAKES_OBJECTS.test(sql)),
    };
  });
}

/** In a transaction of its own, it reads the whole table under a lock that lets others write. */
function validations(actions: Action[]): Segment[] {
  const constraints = actions.filter((action) => isLiveConstraint(action, actions));
  if (constraints.length === 0) return [];
  const statements = constraints.map(({ sql }) =>
    sql.replace(new RegExp(`${ADDS_CONSTRAINT.source}.*`, "s"), "ALTER TABLE $1 VALIDATE CONSTRAINT $2")
  );
  return [{ statements: formatted(statements), isTransaction: true, makesObjects: false }];
}

/** Leaves out grants to the owner, who has all rights on what they make. */
function withoutOwner(sql: string): string[] {
  const [, rights, roles] = /^(GRANT .* TO )([^;]*);?$/s.exec(sql) ?? [];
  if (rights === undefined || roles === undefined) return [sql];
  const others = roles.split(", ").filter((role) => role !== '"postgres"');
  return others.length > 0 ? [`${rights}${others.join(", ")}`] : [];
}

const withoutEnd = (sql: string) => sql.trimEnd().replace(/;$/, "");

const formatted = (statements: string[]) =>
  formatSqlStatements(statements.map(withoutEnd), FORMAT)
    .map((statement) => `${withoutEnd(statement).replace(/^(create .*index) CONCURRENTLY/, "$1 concurrently")};`);
