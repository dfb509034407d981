-- People, as moderators see them.

-- What was reported about a person, and about a room, newest first.
create index reports_user_id_idx on chat.reports (user_id, id desc);
create index reports_room_id_idx on chat.reports (room_id, id desc);

create type chat.moderated_person as (
  id uuid, number bigint, username text, first_name text, last_name text, avatar_url text, email text, created_at timestamptz,
  last_seen_at timestamptz, role chat.operator_role, is_suspended boolean, suspended_until timestamptz, suspension_reason text,
  is_muted boolean, muted_until timestamptz, mute_reason text, open_reports integer, room_count integer
);

create function chat_private.rows_of_page(max_rows integer)
returns integer
language sql immutable security invoker set search_path = ''
as $$
  select least(greatest(coalesce(max_rows, 50), 1), 100);
$$;
comment on function chat_private.rows_of_page is 'How many rows a page of a list for operators has: 50, if it does not say; at most 100.';

-- Definer, like the functions below: a moderator reads what others may not.
create function chat_private.people_asked_for(query text, after bigint, max_rows integer)
returns setof chat.profiles
language plpgsql volatile security definer rows 50 set search_path = ''
as $$
declare
  wanted constant text := btrim(coalesce(query, ''));
begin
  if wanted = '' then
    return query
      select * from chat.profiles as profiles where after is null or profiles.number < after order by profiles.number desc limit max_rows;
    return;
  elsif wanted ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
    return query select * from chat.profiles as profiles where profiles.id = wanted::uuid and after is null;
    return;
  elsif wanted ~ '^#[0-9]{1,18}$' then
    return query select * from chat.profiles as profiles where profiles.number = substr(wanted, 2)::bigint and after is null;
    return;
  elsif wanted ~ '@' and chat_private.is_administrator() then
    return query
      select profiles.* from auth.users as users
      join chat.profiles as profiles on profiles.id = users.id
      where users.email = lower(wanted) and after is null;
    if found then
      return;
    end if;
  end if;
  return query select * from chat_private.people_found(wanted, true, coalesce(after, 0), max_rows);
end;
$$;

create function chat_private.moderated_people(query text, after bigint, max_rows integer)
returns setof chat.moderated_person
language plpgsql volatile security definer rows 50 set search_path = ''
as $$
declare
  shows_email constant boolean := chat_private.is_administrator();
begin
  perform chat_private.require_moderator();
  return query
    select people.id, people.number, people.username, people.first_name, people.last_name, people.avatar_url,
      case when shows_email then users.email::text end,
      people.created_at, greatest(status.last_seen_at, users.last_sign_in_at), operators.role,
      suspensions.user_id is not null, suspensions.until, suspensions.reason,
      mutes.user_id is not null, mutes.until, mutes.reason,
      (
        select count(*) filter (where about.state = 'open')::integer
        from (
          select reports.state from chat.reports as reports where reports.user_id = people.id order by reports.id desc limit 100
        ) as about
      ),
      (
        select count(*)::integer
        from (select from chat.room_members as members where members.user_id = people.id limit 1000) as rooms
      )
    from chat_private.people_asked_for(query, after, chat_private.rows_of_page(max_rows)) with ordinality as people
    join auth.users as users on users.id = people.id
    left join chat.user_status as status on status.user_id = people.id
    left join chat_private.operators as operators on operators.user_id = people.id
    left join chat.suspensions as suspensions
      on suspensions.user_id = people.id and coalesce(suspensions.until > now(), true)
    left join chat.mutes as mutes on mutes.user_id = people.id and coalesce(mutes.until > now(), true)
    order by people.ordinality;
end;
$$;
grant execute on function chat_private.moderated_people to authenticated;

create function chat.moderated_people(query text default '', after bigint default null, max_rows integer default 50)
returns setof chat.moderated_person
language plpgsql volatile security invoker rows 50 set search_path = ''
as $$
begin
  perform chat_private.require_modest_query();
  return query select * from chat_private.moderated_people(query, after, max_rows);
end;
$$;
comment on function chat.moderated_people is
  'People for moderators. Without a query all, the newest first; otherwise those whose username or name contains it, the person with this '
  'id, or with #number; for administrators also the person with this e-mail address, which only they see. The next page is after the '
  'number of the last row. Raises moderator_required, invalid_query, rate_limited.';
grant execute on function chat.moderated_people to authenticated;

create function chat_private.moderated_reports(user_id uuid, room_id bigint, before bigint, max_rows integer)
returns setof chat.reports
language plpgsql stable security definer rows 50 set search_path = ''
as $$
begin
  perform chat_private.require_moderator();
  if moderated_reports.user_id is not null then
    return query
      select * from chat.reports as reports
      where reports.user_id = moderated_reports.user_id and (before is null or reports.id < before)
        and (moderated_reports.room_id is null or reports.room_id = moderated_reports.room_id)
      order by reports.id desc
      limit chat_private.rows_of_page(max_rows);
  else
    return query
      select * from chat.reports as reports
      where reports.room_id = moderated_reports.room_id and (before is null or reports.id < before)
      order by reports.id desc
      limit chat_private.rows_of_page(max_rows);
  end if;
end;
$$;
grant execute on function chat_private.moderated_reports to authenticated;

create function chat.moderated_reports(
  user_id uuid default null, room_id bigint default null, before bigint default null, max_rows integer default 50
)
returns setof chat.reports
language plpgsql stable security invoker rows 50 set search_path = ''
as $$
begin
  perform chat_private.require_modest_query();
  return query select * from chat_private.moderated_reports(user_id, room_id, before, max_rows);
end;
$$;
comment on function chat.moderated_reports is
  'The reports about a person, a room, or a person in a room, open and answered, newest first, for moderators; the next page is before '
  'the last id. Raises moderator_required.';
grant execute on function chat.moderated_reports to authenticated;

create type chat.moderation_count as (open_reports integer, suspended integer, muted integer);

create function chat_private.moderation_counts()
returns chat.moderation_count
language plpgsql stable security definer set search_path = ''
as $$
declare
  most constant integer := 10000;
  counts chat.moderation_count;
begin
  perform chat_private.require_moderator();
  counts.open_reports := (select count(*) from (select from chat.reports as reports where reports.state = 'open' limit most) as found);
  counts.suspended := (
    select count(*) from (select from chat.suspensions as rows where coalesce(rows.until > now(), true) limit most) as found
  );
  counts.muted := (select count(*) from (select from chat.mutes as rows where coalesce(rows.until > now(), true) limit most) as found);
  return counts;
end;
$$;
grant execute on function chat_private.moderation_counts to authenticated;

create function chat.moderation_counts()
returns chat.moderation_count
language sql stable security invoker set search_path = ''
as $$
  select chat_private.moderation_counts();
$$;
comment on function chat.moderation_counts is
  'How many reports are open, and how many people are suspended and muted, for moderators; each count ends at 10,000. Raises '
  'moderator_required.';
grant execute on function chat.moderation_counts to authenticated;

create function chat_private.require_reason(reason text)
returns void
language plpgsql immutable security invoker set search_path = ''
as $$
begin
  if coalesce(btrim(reason), '') = '' or char_length(reason) > 500 then
    raise sqlstate 'PT400' using message = 'reason_required', detail = 'Give a reason of at most 500 characters.';
  end if;
end;
$$;

create function chat_private.warn_user(user_id uuid, reason text)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.require_moderator(user_id);
  perform chat_private.require_reason(reason);
  perform chat_private.require_people(array[user_id]);
  if exists (
    select from chat.audit_log as log
    where log.user_id = warn_user.user_id and log.action = 'warning' and log.reason = warn_user.reason
      and log.report_id is null and log.actor_id = (select auth.uid()) and log.created_at > now() - interval '1 minute'
  ) then
    return; -- a retry
  end if;
  perform chat_private.audit('warning', user_id, reason => reason);
  perform chat_private.give_notice(user_id, 'warning', reason);
end;
$$;
grant execute on function chat_private.warn_user to authenticated;

create function chat.warn_user(user_id uuid, reason text)
returns void
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.warn_user(user_id, reason);
$$;
comment on function chat.warn_user is
  'Sends a person a notice with a warning, as a moderator. Repeated within a minute, it sends no second one. Raises moderator_required, '
  'reason_required, user_not_found.';
grant execute on function chat.warn_user to authenticated;
