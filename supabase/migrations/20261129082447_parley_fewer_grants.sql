-- fewer_grants: written by `npm run db:migration` from the difference of sql/, then read by a person.

set local lock_timeout = '5s';
set local check_function_bodies = off;

revoke all on function "chat_private"."is_backend"() from "authenticated";

revoke all on function "chat_private"."is_backend"() from "service_role";

revoke all on function "chat_private"."wanted_grams"(text) from "authenticated";

revoke all on function "chat_private"."wanted_grams"(text) from "service_role";
