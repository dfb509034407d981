-- Deleting an account, with or without what it wrote. The account goes at once, and with it the ways in, the profile, posts,
-- conversations with the assistant, friendships, blocks and memberships. What was written in rooms goes step by step, in the job
-- forget_senders. The copies that others have forwarded are messages of theirs: they lose the name, and stay.

-- Definer: clients may not delete from auth.users.
create function chat_private.delete_account(mode chat.deletion_mode, confirmed boolean, user_id uuid)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
declare
  account constant uuid := coalesce(delete_account.user_id, auth.uid());
  is_erased constant boolean := coalesce(mode = 'erase', false);
  direct_keys text[];
begin
  if account is null or not chat_private.is_backend() then
    perform chat_private.require_caller();
  end if;
  if account is distinct from auth.uid() and not chat_private.is_administrator() then
    raise sqlstate 'PT403' using message = 'administrator_required', detail = 'Only an administrator deletes accounts of others.';
  elsif not coalesce(confirmed, false) and not chat_private.is_backend() then
    raise sqlstate 'PT409' using message = 'confirmation_required',
      detail = 'Nobody can bring the account back: ask again with confirmed.';
  end if;

  if account = auth.uid() and chat_private.operator_role(account) = 'administrator' then
    perform chat_private.lock_administrators(), chat_private.require_other_administrator(account);
  end if;

  if is_erased then
    insert into chat_private.departed_senders (user_id, is_erased) values (account, true)
    on conflict on constraint departed_senders_pkey do update set is_erased = true;
    -- What others have reported of them stays, as evidence.
    update chat.reports set note = '' where reporter_id = account and note <> '';
    direct_keys := array(select distinct kept.direct_key from chat_private.kept_slugs as kept where kept.user_id = account);
  end if;
  -- Sign-ins that were begun: Auth keeps no foreign key there.
  delete from auth.flow_state where flow_state.user_id = account;
  delete from auth.users where users.id = account;
  if not found then
    raise sqlstate 'PT404' using message = 'user_not_found', detail = 'No such user.';
  end if;
  -- The others may have stored the slugs of their direct rooms, so none of them may ever name another room.
  update chat_private.kept_slugs as kept set slug = chat_private.erased_slug(kept.slug)
  where kept.user_id in (
    select person::uuid from unnest(direct_keys) as pair, string_to_table(pair, ':') as person where person <> account::text
  )
    and kept.direct_key = any (direct_keys) and kept.slug ~ '_';
  perform chat_private.audit('account_deleted', account, details => jsonb_build_object('mode', coalesce(mode, 'keep')));
end;
$$;
grant execute on function chat_private.delete_account to authenticated;

create function chat.delete_account(
  mode chat.deletion_mode default 'keep', confirmed boolean default false, user_id uuid default null
)
returns void
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.delete_account(mode, confirmed, user_id);
$$;
comment on function chat.delete_account is
  'Deletes the account of the caller; a backend or an administrator names the user. With keep, messages stay without a sender; with '
  'erase, they become tombstones within minutes. Must be confirmed, except by a backend. Raises confirmation_required, '
  'administrator_required, last_administrator, user_not_found, caller_required.';
grant execute on function chat.delete_account to authenticated;

create function chat_private.erase_messages_of(departed uuid)
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  -- Sends to the room wait for this long at most.
  until constant timestamptz := clock_timestamp() + interval '100 milliseconds';
  page bigint[];
  room bigint;
begin
  select array_agg(found.id), found.room_id into page, room
  from (select messages.id, messages.room_id from chat.messages as messages where messages.sender_id = departed limit 500) as found
  group by found.room_id
  order by count(*) desc
  limit 1;
  if room is null then
    return false;
  end if;
  -- The room first, as a deletion does.
  perform chat_private.take_turn(room);
  perform from chat.rooms where id = room for no key update;
  for place in 1..cardinality(page) by 10 loop
    update chat.messages set deleted_at = coalesce(deleted_at, now()), sender_id = null where id in (
      select messages.id from chat.messages as messages
      where messages.id = any (page[place:place + 9])
      order by messages.seq
      for no key update skip locked
    );
    exit when clock_timestamp() > until;
  end loop;
  return true;
end;
$$;
comment on function chat_private.erase_messages_of is
  'Makes tombstones, without a sender, of messages of a deleted account in one room. Returns whether there were any.';

create function chat_private.erase_name_in_changes(departed uuid, max_rows integer)
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  place chat_private.departed_senders;
  looked_at integer;
begin
  select * into place from chat_private.departed_senders as senders where senders.user_id = departed;
  with page as materialized (
    select changes.room_id, changes.version from chat.room_changes as changes
    where (changes.room_id, changes.version) >= (place.next_room_id, place.next_version)
    order by changes.room_id, changes.version
    limit max_rows
  ), emptied as (
    update chat.room_changes as changes set payload = changes.payload || '{"username": null}'
    from page
    where (changes.room_id, changes.version) = (page.room_id, page.version)
      and changes.payload ->> 'user_id' = departed::text and changes.payload ->> 'username' is not null
  ), following as (
    select page.room_id, page.version from page order by page.room_id desc, page.version desc limit 1
  )
  select (select count(*) from page), following.room_id, following.version + 1
  into looked_at, place.next_room_id, place.next_version
  from following;
  if looked_at is null then
    return false;
  end if;
  update chat_private.departed_senders as senders
  set next_room_id = place.next_room_id, next_version = place.next_version
  where senders.user_id = departed;
  return looked_at = max_rows;
end;
$$;
comment on function chat_private.erase_name_in_changes is
  'Removes the name of a deleted account from max_rows changes of rooms. Returns whether there are more.';

create function chat_private.erase_more_of(departed uuid)
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  if chat_private.erase_messages_of(departed) or chat_private.remove_reactions_of(departed, 100) then
    return true;
  end if;
  update chat.messages set forwarded_sender_id = null, forwarded_username = null where id in (
    select messages.id from chat.messages as messages where messages.forwarded_sender_id = departed
    limit 500
    for no key update skip locked
  );
  if found then
    return true;
  end if;
  -- Those that were not sent.
  delete from chat.attachments where id in (
    select attachments.id from chat.attachments as attachments where attachments.uploader_id = departed
    limit 500
    for update skip locked
  );
  if found or chat_private.erase_name_in_changes(departed, 2000)
    or exists (select from chat.messages where sender_id = departed or forwarded_sender_id = departed)
    or exists (select from chat.reactions where user_id = departed)
    or exists (select from chat.attachments where uploader_id = departed)
  then
    return true;
  end if;
  delete from chat_private.departed_senders where user_id = departed;
  return true;
end;
$$;
comment on function chat_private.erase_more_of is
  'One step of erasing what a deleted account has left in rooms: its messages, reactions, files and name. Returns whether to call again.';
