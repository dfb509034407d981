import type postgres from "postgres";

/** The settings of PostgREST that a project changes by `alter role authenticator set pgrst.… to …`. */
export interface RoleSettings {
  /** Whether `select=amount.sum()` is allowed. */
  aggregates: boolean;
  /** How transactions end: `commit`, `rollback`, or one of them with `-allow-override`. */
  end: string;
}

const DEFAULTS = { db_aggregates_enabled: "false", db_tx_end: "commit" };

/** Reads them; those of this database win over those of all. */
export async function readRoleSettings(sql: postgres.Sql): Promise<RoleSettings> {
  const rows = await sql`
    select substring(setting from '^pgrst\\.(\\w+)=') as name, substring(setting from '=(.*)$') as value
    from pg_db_role_setting, unnest(setconfig) as setting
    where setrole = 'authenticator'::regrole and setting like 'pgrst.%'
      and setdatabase in (0, (select oid from pg_database where datname = current_database()))
    order by setdatabase`;
  const set = { ...DEFAULTS, ...Object.fromEntries(rows.map(({ name, value }) => [name, value])) };
  return { aggregates: isOn(set.db_aggregates_enabled), end: set.db_tx_end };
}

const isOn = (value: string) => /^(true|t|yes|y|on|1)$/i.test(value);
