/** The people in the pictures, which show what Anna sees. */
export const PEOPLE = ["Anna", "Maya", "Tom", "Priya", "Lev", "Nadia", "Sam"] as const;
export type Name = typeof PEOPLE[number];

export interface Line {
  from: Name;
  text: string;
  /** How many minutes ago. */
  ago: number;
  /** The index of the line it replies to. */
  replyTo?: number;
  pinned?: boolean;
}

export interface RoomContent {
  /** The name of a group; a direct chat has none. */
  name?: string;
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
    with: ["Maya", "Tom", "Priya", "Lev"],
    lines: [
      {
        from: "Maya",
        text: "Shall we take the ridge trail this time? The forecast says sun until five.",
        ago: DAY + 62,
      },
      { from: "Tom", text: "I'm in. Last time the fog hid everything", ago: DAY + 60 },
      { from: "Anna", text: "Me too! What time does the train leave?", ago: DAY + 55 },
      { from: "Priya", text: "8:12 from platform 4. Meet at the bakery at 8?", ago: 3 * HOUR + 12, pinned: true },
      { from: "Anna", text: "Perfect, I'll bring coffee for everyone.", ago: 3 * HOUR + 8, replyTo: 3 },
      { from: "Lev", text: "Захватите термос побольше", ago: 3 * HOUR + 5 },
      {
        from: "Maya",
        text: "Here is the route, 14 km and 600 m up: https://example.org/ridge-trail\nThe hut in the middle has soup.",
        ago: 48,
      },
      { from: "Tom", text: "Soup decides it.", ago: 41, replyTo: 6 },
      { from: "Anna", text: "Then it's settled. I have booked the train for all five of us.", ago: 22 },
      { from: "Anna", text: "Seats 41 to 45, by the window.", ago: 22 },
      { from: "Priya", text: "You're the best!", ago: 9 },
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

/** Conversations with the assistant, by their titles; the first is shown. */
export const conversations: Record<string, [question: string, reply: string][]> = {
  "A packing list for a day hike": [
    [
      "What should I pack for a 14 km day hike with 600 m of ascent?",
      "For a day like that, pack light:\n\n" +
      "• Two litres of water, and something salty\n• A rain jacket and a warm layer: ridges are windy\n" +
      "• Sunscreen and a hat\n• A small first-aid kit with plasters\n• A map that works without a network\n\n" +
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
