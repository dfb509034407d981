import postgres, { type Sql } from "postgres";
import { CliError } from "../terminal.ts";
import { failed, type Finding, ok, warning } from "./finding.ts";

const CONNECT_TIMEOUT_S = 10;
/** The migration's restrictive policies, which keep Parley's topics closed whatever other policies permit. */
const GUARDED = ["r", "a", "w"];
const STATEMENT_TIMEOUT_S = 8;

/** What only the database says: policies of Realtime, extensions, jobs, connections, timeouts. */
export async function checkDatabase(url: string): Promise<Finding[]> {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new CliError("--db-url must be an address such as postgresql://postgres:…@host:5432/postgres.");
  }
  const sql = postgres(url, { max: 1, prepare: false, connect_timeout: CONNECT_TIMEOUT_S, onnotice: () => {} });
  try {
    const [found] = await sql`select to_regnamespace('chat') is not null as has_chat`;
    if (!found!.has_chat) return [failed("database", "The database has no schema chat.", "Run npx supabase db push.")];
    return (await Promise.all([topics(sql), jobs(sql), connections(sql), timeouts(sql)])).flat();
  } catch (error) {
    throw new CliError(`The database does not answer: ${(error as Error).message}.`);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function topics(sql: Sql): Promise<Finding[]> {
  const policies = await sql<{ name: string; command: string; permissive: boolean; is_ours: boolean }[]>`
    select polname as name, polcmd as command, polpermissive as permissive,
      coalesce(pg_get_expr(polqual, polrelid), '') || coalesce(pg_get_expr(polwithcheck, polrelid), '')
        like '%chat_private.%' as is_ours
    from pg_policy where polrelid = 'realtime.messages'::regclass`;
  const [table] = await sql`select relrowsecurity as is_on from pg_class where oid = 'realtime.messages'::regclass`;
  if (!table!.is_on) {
    const todo = "alter table realtime.messages enable row level security;";
    return [failed("topics", "realtime.messages has no row-level security: every topic is open to everybody.", todo)];
  }
  const guards = new Set(policies.filter((one) => one.is_ours && !one.permissive).map(({ command }) => command));
  const open = policies.filter((one) => one.permissive && !one.is_ours).map(({ name }) => `"${name}"`);
  if (!GUARDED.every((command) => guards.has(command))) {
    const through = open.length > 0 ? `, and these policies may open its topics: ${open.join(", ")}` : "";
    const todo = "Restore Parley's restrictive policies: they are in its migration, under 600_realtime.";
    return [failed("topics", `Restrictive policies of Parley on realtime.messages are missing${through}.`, todo)];
  }
  const others = open.length > 0 ? `, whatever ${open.join(", ")} permit${open.length > 1 ? "" : "s"}` : "";
  return [ok("topics", `Parley's topics are closed to others${others}.`)];
}

async function jobs(sql: Sql): Promise<Finding[]> {
  const [late] = await sql`
    select count(*)::integer as number, max(extract(epoch from now() - next_run_at))::integer as seconds
    from chat_private.jobs where next_run_at < now() - interval '2 minutes'`;
  const failing = await sql`select name, last_error from chat_private.jobs where last_error is not null order by name`;
  const findings = failing.map(({ name, last_error }) =>
    warning("jobs", `The job ${name} fails: ${last_error}`, "It is tried again; if it stays, report it with this text.")
  );
  const [cron] = await sql`select to_regclass('cron.job') is not null as is_there`;
  if (late!.number > 0) {
    const todo = cron!.is_there
      ? "Look at the job parley-jobs in Integrations, Cron: it must be active."
      : "Create the extension pg_cron, and schedule chat_private.run_next_job() as Parley's migration does.";
    return [...findings, failed("jobs", `Background jobs have been waiting for ${late!.seconds} s.`, todo)];
  }
  const runner = cron!.is_there ? "pg_cron runs" : "A runner other than pg_cron runs";
  return [...findings, ok("jobs", `${runner} the background jobs.`)];
}

async function connections(sql: Sql): Promise<Finding[]> {
  const [found] = await sql`
    select current_setting('max_connections')::integer as most, count(*)::integer as used,
      count(*) filter (where application_name = 'parley')::integer as direct
    from pg_stat_activity where backend_type = 'client backend'`;
  const { most, used, direct } = found!;
  if (direct > 0) {
    return [warning(
      "pooler",
      `The functions hold ${direct} direct connections; ${used} of ${most} are in use.`,
      "Set the secret DB_POOL_URL to the transaction pooler (port 6543): each worker of a function has its own.",
    )];
  }
  if (used > most * 0.8) {
    return [
      warning("pooler", `${used} of ${most} connections are in use.`, "Find out who holds them: pg_stat_activity."),
    ];
  }
  return [ok("pooler", `${used} of ${most} connections are in use, none directly by a function at the moment.`)];
}

async function timeouts(sql: Sql): Promise<Finding[]> {
  const [role] = await sql`
    select (select split_part(setting, '=', 2) from unnest(rolconfig) as setting where setting like 'statement_timeout=%')
      as timeout
    from pg_roles where rolname = 'authenticated'`;
  const [seconds] = role?.timeout
    ? await sql`select extract(epoch from ${
      /^\d+$/.test(role.timeout) ? `${role.timeout}ms` : role.timeout
    }::interval)::float as s`
    : [];
  if (seconds && seconds.s > 0 && seconds.s <= STATEMENT_TIMEOUT_S) {
    return [ok("timeout", `A statement of a signed-in user may take ${seconds.s} s.`)];
  }
  const todo = "alter role authenticated set statement_timeout = '8s'; this bounds what a costly request may do.";
  return [
    warning(
      "timeout",
      `A statement of a signed-in user may take ${seconds?.s ? `${seconds.s} s` : "as long as it likes"}.`,
      todo,
    ),
  ];
}
