-- Friendships have one direction: Ann can have Bob as a friend without being his friend.
create table chat.friendships (
  user_id uuid not null default auth.uid() references chat.profiles on delete cascade,
  friend_id uuid not null references chat.profiles on delete cascade,
  created_at timestamptz not null default now(),
  primary key (user_id, friend_id),
  check (user_id <> friend_id)
);
comment on table chat.friendships is 'The friends that each user has added.';

-- The foreign key.
create index friendships_friend_id_idx on chat.friendships (friend_id);

alter table chat.friendships enable row level security;
revoke all on chat.friendships from anon, authenticated;
grant select, insert (friend_id), delete on chat.friendships to authenticated;
-- No update: there is nothing to change.

create policy "people can read friendships"
  on chat.friendships for select to authenticated
  using ((select chat_private.require_modest_query()) and not (select chat_private.is_anonymous()));

create policy "people can add friends of their own"
  on chat.friendships for insert to authenticated
  with check ((select chat_private.require_access()) and user_id = (select auth.uid()));

create policy "people can remove friends of their own"
  on chat.friendships for delete to authenticated
  using ((select chat_private.require_access()) and user_id = (select auth.uid()));

create function chat_private.friend_adding()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  perform chat_private.require_unblocked(chat_private.direct_key(new.user_id, new.friend_id));
  perform chat_private.take_tokens('add_friend');
  return new;
end;
$$;

create trigger friend_adding
  before insert on chat.friendships
  for each row execute function chat_private.friend_adding();

-- Definer: only the database may send to a user's topic.
create function chat_private.friend_added()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.announce(
    'user:' || new.friend_id, 'friend.added',
    jsonb_build_object('user_id', new.user_id, 'username', profiles.username)
  )
  from chat.profiles as profiles
  where profiles.id = new.user_id;
  return null;
end;
$$;

create trigger friend_added
  after insert on chat.friendships
  for each row execute function chat_private.friend_added();
