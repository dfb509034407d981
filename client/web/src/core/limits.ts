/** How many characters the database takes; a test holds these against its constraints. */
export const LIMITS = {
  message: 10_000,
  question: 100_000,
  roomName: 255,
  roomDescription: 2_000,
  conversationTitle: 255,
  username: 150,
  personName: 150,
  bio: 2_000,
};

/** How many characters a text is too long, counted as the database counts them: an emoji of one code point is one. */
export function excess(text: string, limit: number | undefined): number {
  if (limit === undefined || text.length <= limit) return 0;
  return Math.max(0, [...text.trim()].length - limit);
}
