/** How the operations on a table are tried. Values and conditions are SQL in which `:name` is the persona, `:me` their id. */
export interface TableProbe {
  /** The rows that select, update and delete are tried on, by situation. */
  rows: Record<string, string>;
  /** The situations that insert is tried in, with the values that tell them apart. */
  inserts: Record<string, Record<string, string>>;
  /** The columns that every insert must set. */
  required: string[];
  /** What the service gives besides, as it is nobody. */
  service?: Record<string, string>;
  /** A value for each column. */
  values: Record<string, string>;
  /** What must be given together with a column. */
  together?: Record<string, Record<string, string>>;
}

/** The id of a person of the fixture. */
export const user = (name: string) => `tests.user('${name}')`;

/** The id of a message of the fixture. */
export const message = (content: string) => `tests.message('${content}')`;

/** The id of a person's conversation. */
export const conversation = (name: string) => `md5('conversation:${name}')::uuid`;

/** The id of the question in a person's conversation. */
export const question = (name: string) => `pg_temp.question('${name}')`;

/** The id of the reply that is being written there. */
export const runningReply = (name: string) => `pg_temp.running_reply('${name}')`;

/** The ids of the rooms of the fixture. */
export const rooms = {
  private: "tests.room('The private group')",
  public: "tests.room('The public group')",
  direct: "tests.direct_room('member', 'other')",
  locked: "tests.room('The locked group')",
  announcements: "tests.room('The announcements')",
};
