/** How clients receive events: channels of supabase-js, or sockets of the messenger. */
export type Transport = "channels" | "sockets";

/** Each is measured on a stack of its own, so that memory is comparable. */
export const liveScenarios = [
  "idle: channels",
  "idle: sockets",
  "fan-out: channels",
  "fan-out: sockets",
] as const;

export type LiveScenario = (typeof liveScenarios)[number];

/** The limits of the bench's stack: the defaults would refuse what is measured here. */
export const liveSettings = {
  RELAY_FRAMES_PER_SECOND: "1000000",
  REALTIME_MAX_EVENTS_PER_SECOND: "1000000000",
  REALTIME_MAX_JOINS_PER_SECOND: "1000000",
};
