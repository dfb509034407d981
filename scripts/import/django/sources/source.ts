/** A row of an old database: every value as text. */
export type Row = Record<string, string | null>;

/** A table of an old database. */
export interface Table {
  name: string;
  columns: string[];
  /** The tables that columns refer to; a dump does not say it. */
  references: Record<string, string>;
  /** The column that is the primary key, if it is one. */
  key?: string;
  isEmpty?: boolean;
  /** Whether the source knows references at all. */
  isTyped?: boolean;
}

/** An old database. Statements are written in what PostgreSQL and SQLite have in common. */
export interface Source {
  /** As a person knows it, without a password. */
  title: string;
  tables(): Promise<Table[]>;
  /** The rows of a statement whose columns are texts, some at a time, as they are at the beginning of the import. */
  rows(statement: string): AsyncIterable<Row[]>;
  /** A condition: whether the time of a column is a time or later. */
  notBefore(column: string, time: Date): string;
  close(): Promise<void>;
}

/** `user` for the column `user_id` of a database and `user` of a dump. */
export const baseOf = (column: string) => column.replace(/_id$/, "") || column;

const PAGE_SIZE = 500;

/** A name as both dialects quote it. */
export const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** A text as both dialects quote it. */
export const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** The rows of pages, in the order of their ids; between two of them, other statements may be read. */
export async function* pagesOf(source: Source, statement: (page: { after?: string; limit: number }) => string) {
  let rows: Row[];
  let after: string | undefined;
  do {
    rows = [];
    for await (const some of source.rows(statement({ after, limit: PAGE_SIZE }))) rows.push(...some);
    if (rows.length > 0) yield rows;
    after = rows.at(-1)?.id ?? undefined;
  } while (rows.length === PAGE_SIZE);
}
