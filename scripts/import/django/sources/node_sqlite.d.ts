// What is used of node:sqlite, which Deno has, and which the types of Node 20 do not know.
declare module "node:sqlite" {
  export type SqlValue = null | number | bigint | string;

  export class StatementSync {
    all(...values: SqlValue[]): Record<string, SqlValue>[];
    get(...values: SqlValue[]): Record<string, SqlValue> | undefined;
    run(...values: SqlValue[]): unknown;
    iterate(...values: SqlValue[]): IterableIterator<Record<string, SqlValue>>;
  }

  export class DatabaseSync {
    constructor(path: string, options?: { readOnly?: boolean });
    exec(statements: string): void;
    prepare(statement: string): StatementSync;
    close(): void;
  }
}
