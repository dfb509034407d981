import { DatabaseSync } from "node:sqlite";

/**
 * A database in the folder for temporary files, which `TMPDIR` names. It is gone with the process, also when that is killed:
 * SQLite gives its file no name that lasts.
 */
export function temporaryDatabase(): DatabaseSync {
  const database = new DatabaseSync("");
  database.exec("pragma journal_mode = off; pragma synchronous = off");
  return database;
}
