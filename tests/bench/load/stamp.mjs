import process from "node:process";

/** Milliseconds on the clock that all processes of the machine share and that is never set. */
export function now() {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}

const MARK = "sent at ";

/** A message with the time at which its request was sent. */
export const stamped = (text) => `${MARK}${now().toFixed(3)}: ${text}`;

/** When the message in this text was sent; undefined without a time. */
export function sentAt(text) {
  const at = text.indexOf(MARK);
  return at < 0 ? undefined : Number.parseFloat(text.slice(at + MARK.length, at + MARK.length + 20));
}

/** When the message in this frame was sent and its number in the room, as cheaply as possible; undefined for other frames. */
export function scan(frame) {
  const at = frame.indexOf(MARK);
  if (at < 0) return undefined;
  const sent = Number.parseFloat(frame.latin1Slice(at + MARK.length, at + MARK.length + 20));
  const number = frame.indexOf('"seq":');
  return { sent, seq: Number.parseInt(frame.latin1Slice(number + 6, number + 22), 10) };
}
