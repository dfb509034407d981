-- Takes Parley out of the database, with all rooms, messages and conversations. Accounts stay.
-- It fails, and changes nothing, while something outside of Parley's schemas uses them.

-- A view, a foreign key, a policy or a trigger of the project's own would disappear with what it uses.
do $$
declare
  users text;
begin
  with ours as (
    select oid, nspname from pg_catalog.pg_namespace where nspname in ('chat', 'chat_private')
  ),
  objects as (
    select 'pg_class'::regclass as class, pg_class.oid from pg_catalog.pg_class join ours on ours.oid = relnamespace
    union all
    select 'pg_proc'::regclass, pg_proc.oid from pg_catalog.pg_proc join ours on ours.oid = pronamespace
    union all
    select 'pg_type'::regclass, pg_type.oid from pg_catalog.pg_type join ours on ours.oid = typnamespace
    union all
    select 'pg_constraint'::regclass, pg_constraint.oid from pg_catalog.pg_constraint join ours on ours.oid = connamespace
  ),
  dependents as (
    select distinct depends.classid, depends.objid, depends.objsubid
    from objects
    join pg_catalog.pg_depend as depends on depends.refclassid = objects.class and depends.refobjid = objects.oid
    where depends.deptype in ('n', 'a')
  )
  select string_agg(pg_describe_object(classid, objid, objsubid), ', ') into users
  from dependents, pg_identify_object_as_address(classid, objid, objsubid) as address
  where split_part(address.object_names[1], '.', 1) not in ('chat', 'chat_private')
    -- Its own triggers.
    and not (
      address.object_names[1] in ('auth', 'storage')
      and exists (select from pg_catalog.pg_trigger where pg_trigger.oid = objid and starts_with(tgname, 'parley_'))
    )
    -- Its policies of Realtime.
    and not (
      address.object_names[1] = 'realtime'
      and address.object_names[3] in (
        'people can receive from topics of theirs',
        'members can send to the live topics of their rooms',
        'topics of chat are received only by the people they are for',
        'topics of chat are sent to only by members, and only live',
        'events of chat are changed by nobody'
      )
    )
    -- Those of Storage.
    and not (
      address.object_names[1] = 'storage'
      and address.object_names[3] ~ '^((people|admins) can .* (avatars|groups)|members can (read|upload) the files|files of chats are)\M'
    );
  if users is not null then
    raise exception 'Parley cannot be removed while these use it: %. Drop or change them first.', users;
  end if;
end;
$$;

-- pg_cron itself goes if Parley has created it, in the transaction that scheduled the job, and nothing else uses it.
do $$
declare
  is_ours boolean;
begin
  if not exists (select from pg_catalog.pg_extension where extname = 'pg_cron') then
    return;
  end if;
  select exists (
    select from pg_catalog.pg_extension join cron.job on job.xmin = pg_extension.xmin
    where extname = 'pg_cron' and jobname = 'parley-jobs'
  ) into is_ours;
  perform cron.unschedule(jobname) from cron.job where jobname = 'parley-jobs';
  if is_ours and not exists (select from cron.job) then
    begin
      drop extension pg_cron;
    exception when others then
      raise warning 'pg_cron is left as it is: %', sqlerrm;
    end;
  end if;
end;
$$;

-- A job that is running ends first: with what it holds, both would wait for each other.
do $$ begin lock table chat_private.jobs; end $$;
drop schema chat, chat_private cascade;
