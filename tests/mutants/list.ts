import type { Sql } from "postgres";
import { EQUIVALENT } from "./equivalent.ts";
import { listParts } from "./parts.ts";

/** One thing removed from the schema. */
export interface Mutant {
  kind: string;
  /** A description for readers. */
  name: string;
  /** The table, function or schema that it belongs to. */
  object: string;
  /** Its other name in sql/: a trigger, a constraint, the sentence of a policy, a function. */
  word: string;
  statement: string;
}

/** Everything of Parley's that can be removed, and would be missed. */
export async function listMutants(sql: Sql): Promise<Mutant[]> {
  return (await listAll(sql)).filter(({ name }) => !(name in EQUIVALENT));
}

/** Everything of Parley's that can be removed. */
export async function listAll(sql: Sql): Promise<Mutant[]> {
  return [...await listObjects(sql), ...await listParts(sql)];
}

/** What can be removed from the catalog. */
async function listObjects(sql: Sql): Promise<Mutant[]> {
  return await sql<Mutant[]>`
    with tables as (
      select pg_class.*
      from pg_class
      where relnamespace in ('chat'::regnamespace, 'chat_private'::regnamespace) and relkind in ('r', 'p')
    ),
    policies as (
      select *, format('%I.%I', schemaname, tablename) as target
      from pg_policies
      where schemaname in ('chat', 'chat_private') or (schemaname, tablename) in (('realtime', 'messages'), ('storage', 'objects'))
    ),
    indexes as (
      select pg_class.relname as name, pg_index.*, tables.oid::regclass::text as target, tables.relname as object,
        pg_constraint.contype
      from pg_index
      join pg_class on pg_class.oid = indexrelid
      join tables on tables.oid = indrelid
      left join pg_constraint on conindid = indexrelid and contype in ('p', 'u')
      where indisunique
    ),
    grants as (
      select 'table' as kind, privilege_type as privilege, grantee, '' as columns, relname as object, oid::regclass::text as target
      from tables, aclexplode(relacl)
      union all
      select 'column', privilege_type, grantee, attname, relname, tables.oid::regclass::text
      from tables join pg_attribute on attrelid = tables.oid, aclexplode(attacl)
      union all
      select 'function', privilege_type, grantee, '', proname, 'function ' || oid::regprocedure
      from pg_proc, aclexplode(proacl)
      where pronamespace in ('chat'::regnamespace, 'chat_private'::regnamespace)
      union all
      select 'schema', privilege_type, grantee, '', nspname, 'schema ' || nspname
      from pg_namespace, aclexplode(nspacl)
      where nspname in ('chat', 'chat_private')
    )
    select 'policy' as kind, format('%s: %s', target, policyname) as name, tablename as object, policyname as word,
      format('drop policy %I on %s', policyname, target) as statement
    from policies
    union all
    select 'open using', format('%s: %s', target, policyname), tablename, policyname,
      format('alter policy %I on %s using (true)', policyname, target)
    from policies
    where qual <> 'true'
    union all
    select 'open check', format('%s: %s', target, policyname), tablename, policyname,
      format('alter policy %I on %s with check (true)', policyname, target)
    from policies
    where with_check <> 'true'
    union all
    select 'row security', target, object, object, format('alter table %s disable row level security', target)
    from (select oid::regclass::text, relname from tables where relrowsecurity) as secured (target, object)
    union all
    select 'trigger', format('%s on %s', tgname, tgrelid::regclass), relname, tgname,
      format('drop trigger %I on %s', tgname, tgrelid::regclass)
    from pg_trigger
    join pg_class on pg_class.oid = tgrelid
    join pg_proc on pg_proc.oid = tgfoid
    where pronamespace = 'chat_private'::regnamespace and not tgisinternal and tgparentid = 0
    union all
    select 'check', format('%s: %s', conname, pg_get_constraintdef(pg_constraint.oid)), relname, conname,
      format('alter table %s drop constraint %I', conrelid::regclass, conname)
    from pg_constraint
    join tables on tables.oid = conrelid
    where contype = 'c'
    union all
    select case contype when 'p' then 'primary key' else 'unique' end, name, object, name,
      case when contype is null then format('drop index %s.%I', (select relnamespace::regnamespace from tables where oid = indrelid), name)
        else format('alter table %s drop constraint %I cascade', target, name) end
    from indexes
    union all
    select kind || ' grant', format('%s%s on %s to %s', lower(privilege), ' (' || nullif(columns, '') || ')', target, role),
      object, object, format('revoke %s%s on %s from %s', privilege, ' (' || nullif(columns, '') || ')', target, role)
    from grants
    cross join lateral (select case when grantee = 0 then 'public' else grantee::regrole::text end as role) as named
    where role in ('public', 'authenticated', 'service_role')
      -- One statement of sql/ grants these.
      and not (kind = 'function' and role = 'service_role' and target like 'function chat_private.%')
    union all
    select 'function grant', 'execute on the helpers in chat_private to service_role', 'chat_private', 'service_role',
      'revoke execute on all functions in schema chat_private from service_role'
    union all
    select 'wider grant', format('%s on %s to authenticated', privilege, oid::regclass), relname, relname,
      format('grant %s on %s to authenticated', privilege, oid::regclass)
    from tables, unnest(array['select', 'insert', 'update', 'delete']) as privilege
    where not has_table_privilege('authenticated', oid, privilege)
    order by kind, name`;
}
