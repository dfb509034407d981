-- Everything of Parley's in a database, one object a row: what a migration could miss.
with parts as (
  select oid, nspname from pg_namespace where nspname in ('chat', 'chat_private')
),
classes as (
  select pg_class.*, format('%I.%I', nspname, relname) as name
  from pg_class
  join parts on parts.oid = relnamespace
),
procs as (
  select pg_proc.*, oid::regprocedure::text as name
  from pg_proc
  where pronamespace in (select oid from parts)
),
-- Triggers on tables of Auth are Parley's by their function, policies on those of Realtime by their condition.
triggers as (
  select pg_trigger.*, format('%s on %s', tgname, tgrelid::regclass) as name
  from pg_trigger
  join pg_proc on pg_proc.oid = tgfoid
  where pronamespace in (select oid from parts) and not tgisinternal and tgparentid = 0
),
policies as (
  select pg_policy.*, format('%s on %s', polname, polrelid::regclass) as name
  from pg_policy
  where polrelid in (select oid from classes) or polrelid in ('realtime.messages'::regclass, 'storage.objects'::regclass)
),
our_constraints as (
  select pg_constraint.*, format('%s on %s', conname, conrelid::regclass) as name
  from pg_constraint
  where conrelid in (select oid from classes) and contype <> 't'
),
our_indexes as (
  select pg_index.*, indexrelid::regclass::text as name
  from pg_index
  where indrelid in (select oid from classes)
),
our_types as (
  select pg_type.*, oid::regtype::text as name
  from pg_type
  -- Without the types of tables and of arrays.
  where typnamespace in (select oid from parts)
    and typelem = 0 and (typrelid = 0 or exists (select from pg_class where oid = typrelid and relkind = 'c'))
),
acls as (
  select 'schema' as kind, nspname::text as name, coalesce(nspacl, acldefault('n', nspowner)) as acl
  from pg_namespace
  where oid in (select oid from parts)
  union all
  select 'table', name, coalesce(relacl, acldefault(case relkind when 'S' then 's' else 'r' end::"char", relowner))
  from classes where relkind in ('r', 'v', 'm', 'p', 'f', 'S')
  union all
  select 'column', format('%s.%I', classes.name, attname), attacl
  from pg_attribute join classes on classes.oid = attrelid where attacl is not null and not attisdropped
  union all
  select 'function', name, coalesce(proacl, acldefault('f', proowner)) from procs
  union all
  select 'type', name, coalesce(typacl, acldefault('T', typowner)) from our_types
  union all
  select 'default', format('%s in %s for %s', defaclobjtype, coalesce(nullif(defaclnamespace, 0)::regnamespace::text, 'any'),
    defaclrole::regrole), defaclacl
  from pg_default_acl
),
objects as (
  select 'grant' as kind, format('%s %s', kind, name) as name,
    string_agg(
      format('%s to %s by %s%s', lower(privilege_type), case grantee when 0 then 'public' else grantee::regrole::text end,
        grantor::regrole, case when is_grantable then ' with grant option' end),
      ', ' order by privilege_type, grantee::regrole::text
    ) as definition
  from acls, aclexplode(acl)
  group by kind, name
  union all
  select 'owner', name, owner::regrole::text
  from (
    select nspname, nspowner from pg_namespace where oid in (select oid from parts)
    union all select name, relowner from classes
    union all select name, proowner from procs
    union all select name, typowner from our_types
  ) as owned (name, owner)
  union all
  select 'comment', pg_describe_object(classoid, objoid, objsubid), description
  from pg_description
  where (classoid, objoid) in (
    select 'pg_namespace'::regclass, oid from parts
    union all select 'pg_class'::regclass, oid from classes
    union all select 'pg_proc'::regclass, oid from procs
    union all select 'pg_type'::regclass, oid from our_types
    union all select 'pg_trigger'::regclass, oid from triggers
    union all select 'pg_policy'::regclass, oid from policies
    union all select 'pg_constraint'::regclass, oid from our_constraints
  )
  union all
  select 'table', name, format('kind %s, persistence %s, row security %s, forced %s, identity %s, options %s, partition %s',
    relkind, relpersistence, relrowsecurity, relforcerowsecurity, relreplident, reloptions, pg_get_expr(relpartbound, oid))
  from classes where relkind in ('r', 'v', 'm', 'p', 'f')
  union all
  select 'view', name, pg_get_viewdef(oid) from classes where relkind in ('v', 'm')
  union all
  select 'sequence', classes.name, format('%s from %s by %s, %s to %s, cache %s, cycle %s, of %s', seqtypid::regtype, seqstart,
    seqincrement, seqmin, seqmax, seqcache, seqcycle,
    (select format('%s.%s', refobjid::regclass, refobjsubid) from pg_depend
     where classid = 'pg_class'::regclass and objid = classes.oid and deptype in ('a', 'i') and refobjsubid > 0))
  from classes join pg_sequence on seqrelid = classes.oid
  union all
  select 'column', format('%s.%I', classes.name, attname), format(
    'place %s, %s%s%s, identity %s, generated %s, default %s, storage %s, statistics %s, options %s',
    row_number() over (partition by attrelid order by attnum), format_type(atttypid, atttypmod),
    case when attcollation <> typcollation then ' collate ' || attcollation::regcollation end,
    case when attnotnull then ' not null' end, attidentity, attgenerated, pg_get_expr(adbin, adrelid), attstorage,
    attstattarget, attoptions)
  from pg_attribute
  join classes on classes.oid = attrelid and relkind in ('r', 'v', 'm', 'p', 'f')
  join pg_type on pg_type.oid = atttypid
  left join pg_attrdef on adrelid = attrelid and adnum = attnum
  where attnum > 0 and not attisdropped
  union all
  select 'constraint', name, format('%s, validated %s', pg_get_constraintdef(oid), convalidated) from our_constraints
  union all
  select 'index', name, format('%s, valid %s, clustered %s, identity %s, nulls distinct %s', pg_get_indexdef(indexrelid), indisvalid,
    indisclustered, indisreplident, not indnullsnotdistinct)
  from our_indexes
  union all
  select 'trigger', name, format('%s, enabled %s', pg_get_triggerdef(oid), tgenabled) from triggers
  union all
  select 'policy', policies.name, format('%s, permissive %s, to %s, using %s, check %s', polcmd, polpermissive,
    (select string_agg(case role when 0 then 'public' else role::regrole::text end, ', ' order by role::regrole::text)
     from unnest(polroles) as role),
    pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
  from policies
  union all
  select 'function', name, case when prokind in ('a', 'w') then prokind::text else pg_get_functiondef(oid) end from procs
  union all
  select 'type', name, format('%s, labels %s, attributes %s, base %s', typtype,
    (select string_agg(enumlabel, ', ' order by enumsortorder) from pg_enum where enumtypid = our_types.oid),
    (select string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' order by attnum)
     from pg_attribute where attrelid = typrelid and attnum > 0 and not attisdropped),
    case when typtype = 'd' then format('%s default %s, not null %s, %s', format_type(typbasetype, typtypmod), typdefault, typnotnull,
      (select string_agg(pg_get_constraintdef(oid), ', ' order by conname) from pg_constraint where contypid = our_types.oid))
    end)
  from our_types
  union all
  select 'rule', format('%s on %s', rulename, ev_class::regclass), pg_get_ruledef(oid)
  from pg_rewrite where ev_class in (select oid from classes) and rulename <> '_RETURN'
  union all
  select 'statistics', stxname::text, pg_get_statisticsobjdef(oid) from pg_statistic_ext where stxnamespace in (select oid from parts)
  union all
  select 'publication', format('%s of %s', prrelid::regclass, pubname), pg_get_expr(prqual, prrelid)
  from pg_publication_rel join pg_publication on pg_publication.oid = prpubid where prrelid in (select oid from classes)
  union all
  select 'extension', extname::text, extnamespace::regnamespace::text from pg_extension
  union all
  select 'other', pg_describe_object(classid, objid, 0), null
  from (
    select 'pg_operator'::regclass, oid from pg_operator where oprnamespace in (select oid from parts)
    union all select 'pg_opclass'::regclass, oid from pg_opclass where opcnamespace in (select oid from parts)
    union all select 'pg_ts_config'::regclass, oid from pg_ts_config where cfgnamespace in (select oid from parts)
    union all select 'pg_ts_dict'::regclass, oid from pg_ts_dict where dictnamespace in (select oid from parts)
    union all select 'pg_collation'::regclass, oid from pg_collation where collnamespace in (select oid from parts)
    union all select 'pg_conversion'::regclass, oid from pg_conversion where connamespace in (select oid from parts)
  ) as others (classid, objid)
)
select format('%s %s: %s', kind, name, definition) as line from objects order by line;
