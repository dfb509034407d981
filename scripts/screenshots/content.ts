/** The people in the pictures, which show what Anna sees: their last names, and the colours of their own pictures. */
export const PEOPLE = {
  Anna: { lastName: "Berg", hue: 205 },
  Maya: { lastName: "Okafor", hue: 31 },
  Tom: { lastName: "Lindqvist", hue: 150 },
  Priya: { lastName: "Nair", hue: 285 },
  Lev: { lastName: "Orlov", hue: 98 },
  Nadia: { lastName: "Haddad", hue: 337 },
  Sam: { lastName: "Carter" },
} satisfies Record<string, { lastName: string; hue?: number }>;
export type Name = keyof typeof PEOPLE;

/** A file of a line: hills in some colour, or a document. */
export type SharedFile = { hills: number; size: [number, number] } | { name: string; type: string; bytes: number };

export interface Line {
  from: Name;
  text: string;
  /** How many minutes ago. */
  ago: number;
  /** The index of the line it replies to. */
  replyTo?: number;
  pinned?: boolean;
  files?: SharedFile[];
  /** Who reacted with what. */
  reactions?: Record<string, Name[]>;
  /** Whom it mentions: the text has `@` and their name. */
  mentions?: Name[];
}

export interface RoomContent {
  /** The name of a group; a direct chat has none. */
  name?: string;
  /** The colour of its picture. */
  hue?: number;
  with: Name[];
  /** How many lines Anna has read; all by default. */
  read?: number;
  lines: Line[];
}

const HOUR = 60;
const DAY = 24 * HOUR;

/** The chats, the open one first. */
export const ROOMS: RoomContent[] = [
  {
    name: "Hiking on Saturday",
    hue: 120,
    with: ["Maya", "Tom", "Priya", "Lev"],
    lines: [
      {
        from: "Maya",
        text: "Shall we take the **ridge trail** this time? The forecast says sun until five.",
        ago: DAY + 62,
      },
      { from: "Tom", text: "I'm in. Last time the fog hid everything", ago: DAY + 60 },
      { from: "Anna", text: "Me too! What time does the train leave?", ago: DAY + 55 },
      {
        from: "Priya",
        text: "8:12 from platform 4. Meet at the bakery at 8?",
        ago: 3 * HOUR + 12,
        pinned: true,
        reactions: { "✌️": ["Anna", "Tom", "Maya"] },
      },
      { from: "Lev", text: "Захватите термос побольше", ago: 3 * HOUR + 5, reactions: { "☕": ["Maya"] } },
      {
        from: "Priya",
        text: "| | km | up |\n|---|--:|--:|\n| To the hut | 8 | 420 m |\n| To the station | 6 | 180 m |",
        ago: 52,
      },
      { from: "Tom", text: "The soup at the hut decides it.", ago: 47, replyTo: 5 },
      {
        from: "Anna",
        text: "Tickets for all five of us",
        ago: 31,
        files: [{ name: "Tickets Saturday.pdf", type: "application/pdf", bytes: 184_320 }],
        reactions: { "☕": ["Maya", "Priya"] },
      },
      {
        from: "Maya",
        text: "The ridge last year, at six in the morning",
        ago: 12,
        files: [{ hills: 150, size: [1200, 800] }, { hills: 210, size: [1200, 800] }],
        reactions: { "❤️": ["Anna", "Tom", "Priya"], "☀️": ["Lev"] },
      },
      { from: "Maya", text: "@Anna set your alarm: `06:30`", ago: 9, mentions: ["Anna"] },
    ],
  },
  {
    with: ["Nadia"],
    read: 1,
    lines: [
      { from: "Anna", text: "Did the parcel arrive?", ago: 2 * HOUR },
      { from: "Nadia", text: "Yes, this morning!", ago: 34 },
      { from: "Nadia", text: "Can I call you tonight?", ago: 33 },
    ],
  },
  {
    name: "Book club",
    hue: 20,
    with: ["Sam", "Nadia", "Maya"],
    read: 0,
    lines: [
      { from: "Sam", text: "Who has finished part two?", ago: 95 },
      { from: "Maya", text: "Almost. Don't tell me about the lighthouse.", ago: 92 },
      { from: "Nadia", text: "The lighthouse!", ago: 90 },
      { from: "Sam", text: "Next Tuesday at mine, then", ago: 80 },
    ],
  },
  {
    with: ["Tom"],
    lines: [
      { from: "Tom", text: "The slides are ready", ago: 5 * HOUR },
      { from: "Anna", text: "Thank you, they look great", ago: 5 * HOUR - 9 },
    ],
  },
  {
    name: "Design team",
    with: ["Priya", "Sam"],
    lines: [{ from: "Priya", text: "New icons are in the shared folder", ago: DAY + 3 * HOUR }],
  },
  { with: ["Lev"], lines: [{ from: "Lev", text: "Спасибо за ужин!", ago: 3 * DAY }] },
  { with: ["Sam"], lines: [{ from: "Anna", text: "See you on Tuesday", ago: 5 * DAY }] },
];

/** What Anna asks in the conversation that is shown, and how the reply begins. */
export const QUESTION = "Can I check the weather from a script?";
export const REPLY = "Yes, with the free service of **met.no**. This asks for the temperature at the hut:\n\n" +
  '```ts\nconst place = "lat=60.48&lon=8.21";\nconst url = `https://api.met.no/weatherapi/locationforecast/2.0/compact?${place}`;\n' +
  "const { properties } = await (await fetch(url)).json();\nconsole.log(properties.timeseries[0].data.instant.details);\n```\n\n" +
  "Three things to know:\n\n1. Name your program in the header `User-Agent`.\n2. Ask again only after the time in `Expires`";

/** Conversations with the assistant, by their titles; the first is shown. */
export const conversations: Record<string, [question: string, reply: string][]> = {
  "A packing list for a day hike": [
    [
      "What should I pack for a 14 km day hike with 600 m of ascent?",
      "For a day like that, pack light:\n\n" +
      "- **Two litres of water**, and something salty\n- A rain jacket and a warm layer: ridges are windy\n" +
      "- Sunscreen and a hat\n- A small first-aid kit with plasters\n- A map that works without a network\n\n" +
      "With a hut on the way you can leave the stove at home.",
    ],
    [
      "How long will it take us?",
      "Count 4 km an hour on the flat and an hour for each 400 m of ascent. That makes about five hours of walking, " +
      "so six with breaks and soup. Leave before nine, and you are back well before five.",
    ],
  ],
  "Translate a note into Russian": [["How do I say “see you on Saturday” in Russian?", "“До субботы!”"]],
  "Ideas for a birthday dinner": [["What could I cook for eight?", "A risotto with spring vegetables."]],
};
