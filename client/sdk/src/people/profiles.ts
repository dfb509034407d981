import type { Tables } from "../connection/database.ts";
import type { Connection } from "../connection/connection.ts";
import { ChatError } from "../util/errors.ts";

/** A person, with the address that they show. */
export type Profile = Tables<"profiles">;

/** What people may change of themselves. */
export type ProfileChange = Partial<
  Pick<Profile, "username" | "first_name" | "last_name" | "bio" | "avatar_url" | "show_email" | "share_receipts">
>;

export const PROFILE_COLUMNS =
  "id,number,username,first_name,last_name,bio,avatar_url,show_email,share_receipts,created_at,email";

/** People: `chat.profiles`. */
export class Profiles {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * The caller.
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
   * A person.
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
   * People by their ids, as far as they are there.
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
   * People whose username or name holds a text, in any case, with or without accents; in order of their usernames.
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
    // Their addresses are read with the table, whose column they are.
    const people = new Map((await this.list(ids)).map((person) => [person.id, person]));
    return ids.flatMap((id) => people.get(id) ?? []);
  }

  /**
   * Changes what is given of the caller.
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
   * Whether a username is well formed and free.
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
