import type { Connection } from "../connection/connection.ts";
import type { Tables } from "../contract/database.ts";
import { replacePicture } from "../files/shown_picture.ts";
import { ChatError } from "../util/errors.ts";

/** A user's profile, with their email if they show it. */
export type Profile = Tables<"profiles">;

/** The fields that users can change in their own profile. */
export type ProfileChange = Partial<
  Pick<
    Profile,
    | "username"
    | "first_name"
    | "last_name"
    | "bio"
    | "avatar_url"
    | "show_email"
    | "share_receipts"
    | "direct_from"
    | "added_by"
    | "found_by"
    | "status_seen_by"
  >
>;

export const PROFILE_COLUMNS = "*,email";

/** Profiles of users: `chat.profiles`. */
export class Profiles {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Returns the caller's profile.
   * @throws ChatError not_signed_in
   *
   * @example
   * ```ts
   * const { username } = await chat.profiles.me();
   * ```
   */
  async me(): Promise<Profile> {
    return await this.get(await this.#connection.userId());
  }

  /**
   * Returns a user's profile.
   * @param userId the user
   * @throws ChatError user_not_found
   *
   * @example
   * ```ts
   * const friend = await chat.profiles.get(friendId);
   * ```
   */
  async get(userId: string): Promise<Profile> {
    const [profile] = await this.list([userId]);
    if (!profile) throw new ChatError("user_not_found", 404, "No such user.");
    return profile;
  }

  /**
   * Returns profiles by id; missing ones are left out.
   * @param userIds the users
   * @throws ChatError
   *
   * @example
   * ```ts
   * const people = await chat.profiles.list([friendId]);
   * ```
   */
  async list(userIds: readonly string[]): Promise<Profile[]> {
    const call = this.#connection.db.from("profiles").select(PROFILE_COLUMNS).in("id", [...userIds]);
    return await this.#connection.call(call) as unknown as Profile[];
  }

  /**
   * Searches for users whose username or name contains a text, ignoring case and accents. Those that the caller talks to come
   * first, then those with a name that begins with the text.
   * @param text the text to look for
   * @param limit maximum number of profiles; default 20
   * @throws ChatError invalid_query
   *
   * @example
   * ```ts
   * const people = await chat.profiles.search("bo", 10);
   * ```
   */
  async search(text: string, limit = 20): Promise<Profile[]> {
    const call = this.#connection.db.rpc("search_people", { query: text, max_rows: limit }).select("id");
    const ids = (await this.#connection.call(call)).map(({ id }) => id);
    if (ids.length === 0) return [];
    // Email is a column of the table, which the function does not return.
    const people = new Map((await this.list(ids)).map((person) => [person.id, person]));
    return ids.flatMap((id) => people.get(id) ?? []);
  }

  /**
   * Updates the given fields of the caller's profile.
   * @param change the fields to change
   * @returns the profile after the change
   * @throws ChatError already_exists (the username), invalid_value
   *
   * @example
   * ```ts
   * await chat.profiles.update({ first_name: "Ann", bio: "Tea drinker" });
   * ```
   */
  async update(change: ProfileChange): Promise<Profile> {
    const user = await this.#connection.userId();
    await this.#connection.call(this.#connection.db.from("profiles").update(change).eq("id", user));
    return await this.get(user);
  }

  /**
   * Shows another picture of the caller: JPEG, PNG, WebP or GIF of up to 2 MB, which everyone can see. The earlier one is
   * deleted. Crop it to a square: that is how it is shown.
   * @param picture the picture, or `null` for none
   * @returns the profile after the change
   * @throws ChatError invalid_value (no such picture, or too large)
   *
   * @example
   * ```ts
   * await chat.profiles.setPicture(picture);
   * ```
   */
  async setPicture(picture: Blob | null): Promise<Profile> {
    const { id, avatar_url: earlier } = await this.me();
    const show = (avatar_url: string | null) => this.update({ avatar_url });
    return await replacePicture(this.#connection, { folder: id, earlier }, picture, show);
  }

  /**
   * Returns whether a username is valid and available.
   * @param username the username to check
   * @throws ChatError
   *
   * @example
   * ```ts
   * const free = await chat.profiles.usernameAvailable("ann");
   * ```
   */
  async usernameAvailable(username: string): Promise<boolean> {
    return await this.#connection.run("username_available", { username });
  }
}
