import type { Member } from "./people.ts";
import { Random } from "./world/random.ts";
import { sentence } from "./world/text.ts";
import { common, parts, rare } from "./world/words.ts";
import { PASSWORD, type World } from "./world/world.ts";

/** A request, as the load generator takes it. */
export interface Request {
  method: "GET" | "POST";
  path: string;
  headers: Record<string, string>;
  body?: string;
}

/** How the requests of each scenario are made, by random users. */
type Make = (random: Random, member: Member, world: World) => Request;

const API = "/functions/v1/messenger/api";

const get = ({ token }: Member, path: string): Request => ({
  method: "GET",
  path: `${API}${path}`,
  headers: { Authorization: `Bearer ${token}` },
});

const post = (path: string, body: object, headers: Record<string, string> = {}): Request => ({
  method: "POST",
  path: `${API}${path}`,
  headers: { "Content-Type": "application/json", ...headers },
  body: JSON.stringify(body),
});

const search = (words: string[]): Make => (random, member) =>
  get(member, `/messages/search/?q=${encodeURIComponent(random.pick(words))}`);

/** All scenarios, in this order: reads before writes. */
export const scenarios = {
  login: (random, _, { people }) =>
    post("/auth/login/", { username: random.pick(people).username, password: PASSWORD }),
  history: (random, member) => get(member, `/messages/?chat=${random.pick(member.rooms)}&limit=50`),
  inbox: (_, member) => get(member, "/chats/"),
  "search: rare word": search(rare),
  "search: common word": search(common),
  "search: part of a word": search(parts),
  send: (random, member) =>
    post("/messages/", { chat: random.pick(member.rooms), text: sentence(random) }, {
      Authorization: `Bearer ${member.token}`,
    }),
} satisfies Record<string, Make>;

export type Scenario = keyof typeof scenarios;

const REQUESTS = 2048;

/** Requests of random users, in random rooms of theirs. */
export function makeRequests(scenario: Scenario, members: Member[], world: World): Request[] {
  const random = new Random(6);
  const make: Make = scenarios[scenario];
  return Array.from({ length: REQUESTS }, () => make(random, random.pick(members), world));
}
