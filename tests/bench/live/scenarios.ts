/** How clients hear of what happens: channels of supabase-js, or sockets of the messenger. */
export type Transport = "channels" | "sockets";

/** Each is measured on a stack of its own, so that memory tells something. */
export const liveScenarios = [
  "idle: channels",
  "idle: sockets",
  "fan-out: channels",
  "fan-out: sockets",
] as const;

export type LiveScenario = (typeof liveScenarios)[number];

/** What the stack of the bench allows: the defaults keep people from what is measured here. */
export const liveSettings = {
  RELAY_FRAMES_PER_SECOND: "1000000",
  REALTIME_MAX_EVENTS_PER_SECOND: "1000000000",
  REALTIME_MAX_JOINS_PER_SECOND: "1000000",
};
