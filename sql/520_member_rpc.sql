-- The functions of 510 as clients call them.
create function chat.join_room(room_id bigint)
returns chat.room_members
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.join_room(room_id);
$$;
comment on function chat.join_room is
  'Joins a public group; for a member, nothing changes. Raises room_not_found, user_not_found, too_many_joins, '
  'caller_required.';

create function chat.leave_room(room_id bigint)
returns void
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.leave_room(room_id);
$$;
comment on function chat.leave_room is
  'Leaves a group. An owner is followed by the longest-standing admin or member; a private group goes with its '
  'last member. Raises room_not_found, not_a_member, direct_room_fixed, caller_required.';

create function chat.add_members(room_id bigint, user_ids uuid[])
returns setof chat.room_members
language sql volatile security invoker set search_path = ''
as $$
  select * from chat_private.add_members(room_id, user_ids);
$$;
comment on function chat.add_members is
  'Adds people to a group, as its owner or an admin, and returns those that were new. Raises room_not_found, '
  'not_a_member, role_required, direct_room_fixed, invalid_members, user_not_found.';

create function chat.remove_member(room_id bigint, user_id uuid)
returns void
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.remove_member(room_id, user_id);
$$;
comment on function chat.remove_member is
  'Removes someone from a group: the owner anyone, an admin members, everyone themselves. Raises '
  'room_not_found, not_a_member, role_required, direct_room_fixed, member_not_found.';

create function chat.set_member_role(room_id bigint, user_id uuid, role chat.member_role)
returns chat.room_members
language sql volatile security invoker set search_path = ''
as $$
  select chat_private.set_member_role(room_id, user_id, role);
$$;
comment on function chat.set_member_role is
  'Sets a role, as the owner; a new owner takes the place of the caller, who becomes an admin. Raises '
  'room_not_found, not_a_member, role_required, direct_room_fixed, member_not_found, invalid_role, owner_required.';

grant execute on function
  chat.join_room, chat.leave_room, chat.add_members, chat.remove_member, chat.set_member_role
  to authenticated;
