/** Cuts what a server sends after its WebSocket handshake into frames; the handshake is a piece of its own. */
export class Frames {
  #rest = Buffer.alloc(0);
  #shaken = false;

  constructor(readonly take: (frame: Buffer) => void) {}

  push(data: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, data]);
    for (let size = this.#size(); size !== undefined && size <= this.#rest.length; size = this.#size()) {
      this.take(this.#rest.subarray(0, size));
      this.#rest = this.#rest.subarray(size);
      this.#shaken = true;
    }
  }

  /** How long the next piece is, when its beginning is there. */
  #size(): number | undefined {
    const rest = this.#rest;
    if (!this.#shaken) {
      const end = rest.indexOf("\r\n\r\n");
      return end < 0 ? undefined : end + 4;
    }
    const { start, length } = header(rest);
    return start + length <= rest.length ? start + length : undefined;
  }
}

/** Where the payload of a server's frame begins, and its length; infinite while unknown. */
function header(frame: Buffer): { start: number; length: number } {
  const short = frame.length < 2 ? Infinity : frame[1]! & 0x7f;
  if (short === 126) return { start: 4, length: frame.length < 4 ? Infinity : frame.readUInt16BE(2) };
  if (short === 127) return { start: 10, length: frame.length < 10 ? Infinity : Number(frame.readBigUInt64BE(2)) };
  return { start: 2, length: short };
}

/** Whether a frame brings an event of a topic: not a reply, and nothing about presence. */
export function isBroadcast(frame: Buffer): boolean {
  if (frame[0] !== 0x81) return frame[0] === 0x82;
  const text = frame.subarray(header(frame).start).toString();
  if (!text.startsWith("[")) return false;
  return JSON.parse(text)[3] === "broadcast";
}
