-- helper_grants: written by `npm run db:migration` from the difference of sql/, then read by a person.

set local lock_timeout = '5s';
set local check_function_bodies = off;

revoke all on function "chat_private"."require_unbanned"(bigint, uuid) from "authenticated";

revoke all on function "chat_private"."until_sentence"(timestamp with time zone, text) from "authenticated";

revoke all on function "chat_private"."until_sentence"(timestamp with time zone, text) from "service_role";
