import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { oldBackend } from "./old_backend.ts";

type Backend = Awaited<ReturnType<typeof oldBackend>>;
let parley: Backend;
let first: Awaited<ReturnType<Backend["import"]>>;

beforeAll(async () => {
  parley = await oldBackend("social");
  first = await parley.import(parley.files.sqlite);
});
afterAll(() => parley.stop());

const login = async (username: string) =>
  (await parley.post("/accounts/api/token/", { username, password: `password of ${username}` })).access;

describe("the import of a social network", () => {
  test("counts both sides, and names the pictures that are files", () => {
    expect(first.code).toBe(2);
    for (
      const line of [
        "people: 11 of 11",
        "friendships: 3 of 3",
        "posts: 12 of 12",
        "messages: 60 of 60",
        "rooms: 3 of 3",
        "members: 6 of 6",
        "person 2 (user_images/bob.jpg), 3 (user_images/carol.jpg): a picture that is a file: --media names its folder",
      ]
    ) {
      expect(first.output).toContain(line);
    }
  });

  test("keeps profiles, friends and posts", async () => {
    const ann = await parley.get("/profiles/api/profile/", await login("ann"));
    expect(ann).toMatchObject({
      id: 1,
      username: "ann",
      profile: { image: "/media/user_images/default.jpg", bio: "", friends: [2, 3] },
    });
    expect(ann.posts.map(({ id }: { id: number }) => id)).toEqual([1, 3, 5, 7, 9, 11]);
    expect(ann.posts[0]).toMatchObject({ title: "Пост 0", content: "Текст\n".repeat(3).trimEnd() + "\n" });
    const bob = await parley.get("/profiles/api/search-user/?username=bob", await login("ann"));
    expect(bob).toMatchObject({ id: 2, profile: { bio: "Bio of bob", friends: [1] } });
  });

  test("shows the old chat rooms by their names, which clients have stored", async () => {
    const token = await login("ann");
    const rooms = await parley.get("/messenger/api/chatrooms/", token);
    expect(rooms).toEqual([
      { id: 2, name: "ann_carol", members: [1, 3], display_name: "carol" },
      { id: 1, name: "bob_ann", members: [1, 2], display_name: "bob" },
    ]);
    const messages = await parley.get("/messenger/api/chatrooms/bob_ann/messages/", token);
    expect(messages.map(({ id }: { id: number }) => id)).toEqual(
      Array.from({ length: 30 }, (_, index) => 2 * index + 1),
    );
    expect(messages[0]).toMatchObject({ user: "ann", content: "Привет 0" });
    await expect(parley.get("/messenger/api/chatrooms/dan_eve/messages/", token)).rejects.toThrow("404");
  });

  test("opens the old room again for its two, and gives new ones higher ids", async () => {
    const token = await login("bob");
    expect(await parley.post("/messenger/api/chatrooms/", { recipient: "ann" }, token)).toMatchObject({ id: 1 });
    const made = await parley.post("/messenger/api/chatrooms/", { recipient: "dan" }, token);
    expect(made.id).toBeGreaterThan(3);
    await parley.sql`delete from chat.rooms where id = ${made.id}`;
    const post = await parley.post("/profiles/api/posts/", { title: "New", content: "Text" }, token);
    expect(post.id).toBeGreaterThan(12);
  });

  test("changes nothing when it is repeated, and leaves alone what was deleted here", async () => {
    await parley.sql`delete from chat.posts where id = 3`;
    await parley.sql`delete from chat.friendships where friend_id = (select id from chat.profiles where number = 3)`;
    await parley.sql`delete from chat.rooms where id = 3`;
    const before = await parley.state();
    for (const from of [parley.files.dump, (await parley.onPostgres()).address]) {
      expect((await parley.import(from)).errors).not.toMatch(/fail/i);
      expect(await parley.state()).toEqual(before);
    }
    const { output } = await parley.import(parley.files.dump, "--since", "2024-01-01T12:20:00Z");
    expect(output).toMatch(/posts: (\d) of \1\n/);
    expect(output).not.toContain("for no reason that is known");
    expect(await parley.state()).toEqual(before);
  });

  test("knows people by their profiles, where the old backend does", async () => {
    const { address, old } = await parley.onPostgres("by_profiles");
    await old.unsafe(`
      alter table profiles_profile_friends drop constraint if exists profiles_profile_friends_profile_id_fk;
      drop table profiles_profile_friends;
      update profiles_profile set id = id + 100;
      create table profiles_profile_friends (
        id serial primary key,
        from_profile_id bigint references profiles_profile, to_profile_id bigint references profiles_profile
      );
      insert into profiles_profile_friends (from_profile_id, to_profile_id) values (101, 102), (102, 101), (103, 101);
      do $$
      declare
        name text := (
          select conname from pg_constraint where conrelid = 'messenger_message'::regclass and confrelid = 'auth_user'::regclass
        );
      begin
        execute format('alter table messenger_message drop constraint %I', name);
      end;
      $$;
      update messenger_message set user_id = user_id + 100;
      alter table messenger_message add foreign key (user_id) references profiles_profile;
    `).simple();
    const { output, errors } = await parley.import(address, "--name", "by_profiles");
    expect(errors).not.toMatch(/fail/i);
    expect(output).toContain("messages: 60 of 60");
    const senders = await parley.sql`
      select distinct users.raw_app_meta_data -> 'source_id' as id
      from chat.messages join auth.users as users on users.id = sender_id
      where users.raw_app_meta_data ->> 'imported_from' = 'by_profiles' order by 1`;
    expect(senders.map(({ id }) => id)).toEqual([1, 2, 3]);
    const friends = await parley.sql`
      select one.raw_app_meta_data -> 'source_id' as one, other.raw_app_meta_data -> 'source_id' as other
      from chat.friendships
      join auth.users as one on one.id = user_id join auth.users as other on other.id = friend_id
      where one.raw_app_meta_data ->> 'imported_from' = 'by_profiles' order by 1, 2`;
    expect(friends).toEqual([{ one: 1, other: 2 }, { one: 2, other: 1 }, { one: 3, other: 1 }]);
  });
});
