import type { Profile } from "./profiles.ts";

/**
 * Returns what to call a person: first and last name, or the username of those who have given neither.
 *
 * @example
 * ```ts
 * import { displayName } from "parley-client";
 *
 * console.log(displayName(await chat.profiles.me()));
 * ```
 */
export function displayName(profile: Pick<Profile, "username" | "first_name" | "last_name">): string {
  const { first_name, last_name, username } = profile;
  return `${first_name.trim()} ${last_name.trim()}`.trim() || username;
}
