import type { Member } from "./people.ts";
import type { Sample } from "./world/samples.ts";
import { Random } from "./world/random.ts";
import { sentence } from "./world/text.ts";
import { common, pairs, parts, rare } from "./world/words.ts";
import { address, PASSWORD, type World } from "./world/world.ts";

/** A request, as the load generator takes it. */
export interface Request {
  method: "GET" | "POST" | "DELETE";
  path: string;
  headers: Record<string, string>;
  body?: string;
}

/** What requests are made of. */
export interface Content {
  world: World;
  /** Messages of each room, by its id. */
  samples: Map<number, Sample[]>;
  /** The publishable key. */
  key: string;
}

/** How the requests of each scenario are made, by random users. */
type Make = (random: Random, member: Member, content: Content) => Request;

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

/** A message of a random room of a member. */
export function anyMessage(random: Random, { rooms }: Member, { samples }: Pick<Content, "samples">): Sample {
  return random.pick(samples.get(random.pick(rooms))!);
}

const FILE = "The quick brown fox jumps over the lazy dog. ".repeat(228).slice(0, 10_240);
const BOUNDARY = "----parley-bench";

/** A form that sends a text with a file of 10 KiB. */
function form(fields: Record<string, string | number>): string {
  const parts = Object.entries(fields).map(([name, value]) =>
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  );
  const head = 'Content-Disposition: form-data; name="file"; filename="fox.txt"\r\nContent-Type: text/plain';
  return `${parts.join("")}--${BOUNDARY}\r\n${head}\r\n\r\n${FILE}\r\n--${BOUNDARY}--\r\n`;
}

const EMOJI = ["👍", "❤️", "😂", "🎉", "😮"];

/** All scenarios, in this order: reads before writes. */
export const scenarios = {
  login: (random, _, { world: { people } }) =>
    post("/auth/login/", { username: random.pick(people).username, password: PASSWORD }),
  "sign-in by Auth": (random, _, { world: { people }, key }) => ({
    method: "POST",
    path: "/auth/v1/token?grant_type=password",
    headers: { "Content-Type": "application/json", apikey: key },
    body: JSON.stringify({ email: address(random.pick(people)), password: PASSWORD }),
  }),
  history: (random, member) => get(member, `/messages/?chat=${random.pick(member.rooms)}&limit=50`),
  around: (random, member, content) => {
    const { id, room } = anyMessage(random, member, content);
    return get(member, `/messages/?chat=${room}&around=${id}&limit=50`);
  },
  inbox: (_, member) => get(member, "/chats/"),
  "search: rare word": search(rare),
  "search: common word": search(common),
  "search: part of a word": search(parts),
  "search: two letters": search(pairs),
  "search: of a sender": (random, member, content) => {
    const { room, sender, sent_at } = anyMessage(random, member, content);
    const sent_before = encodeURIComponent(sent_at);
    return get(member, `/messages/search/?chat=${room}&sender=${sender}&sent_before=${sent_before}`);
  },
  send: (random, member) =>
    post("/messages/", { chat: random.pick(member.rooms), text: sentence(random) }, {
      Authorization: `Bearer ${member.token}`,
    }),
  "upload and send": (random, member) => ({
    method: "POST",
    path: `${API}/messages/`,
    headers: { Authorization: `Bearer ${member.token}`, "Content-Type": `multipart/form-data; boundary=${BOUNDARY}` },
    body: form({ chat: random.pick(member.rooms), text: sentence(random) }),
  }),
  react: (random, member, content) =>
    post(`/messages/${anyMessage(random, member, content).id}/reactions/`, { emoji: random.pick(EMOJI) }, {
      Authorization: `Bearer ${member.token}`,
    }),
} satisfies Record<string, Make>;

export type Scenario = keyof typeof scenarios;

const REQUESTS = 2048;

/** Requests of random users, in random rooms of theirs. */
export function makeRequests(scenario: Scenario, members: Member[], content: Content): Request[] {
  const random = new Random(6);
  const make: Make = scenarios[scenario];
  const randomly = (count: number) => Array.from({ length: count }, () => make(random, random.pick(members), content));
  if (scenario !== "react") return randomly(REQUESTS);
  // Each reaction is taken back in the second half: one that is there already would cost nothing.
  const reactions = randomly(REQUESTS / 2);
  return [...reactions, ...reactions.map(takingBack)];
}

function takingBack({ path, headers, body }: Request): Request {
  const { "Content-Type": _, ...others } = headers;
  const { emoji } = JSON.parse(body!);
  return { method: "DELETE", path: `${path}?emoji=${encodeURIComponent(emoji)}`, headers: others };
}
