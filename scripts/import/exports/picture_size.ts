/** How much of a picture says its size. */
export const HEAD_BYTES = 65_536;

interface Size {
  width: number;
  height: number;
}

/** The size of a PNG, GIF, WebP or JPEG by its first bytes; undefined when they do not say it, or it may be turned. */
export function pictureSize(head: Uint8Array): Size | undefined {
  const view = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const start = view.toString("latin1", 0, 16);
  try {
    if (/^\x89PNG\r\n.\n/.test(start)) return { width: view.readUInt32BE(16), height: view.readUInt32BE(20) };
    if (/^GIF8[79]a/.test(start)) return { width: view.readUInt16LE(6), height: view.readUInt16LE(8) };
    if (/^RIFF[^]{4}WEBP/.test(start)) return webpSize(view, start.slice(12));
    if (/^\xff\xd8\xff/.test(start)) return jpegSize(view);
  } catch {
    // It is shorter than it should be.
  }
}

function webpSize(view: Buffer, chunk: string): Size | undefined {
  if (chunk === "VP8X") return { width: view.readUIntLE(24, 3) + 1, height: view.readUIntLE(27, 3) + 1 };
  if (chunk === "VP8 ") return { width: view.readUInt16LE(26) & 0x3fff, height: view.readUInt16LE(28) & 0x3fff };
  if (chunk !== "VP8L") return;
  const bits = view.readUInt32LE(21);
  return { width: (bits & 0x3fff) + 1, height: (bits >> 14 & 0x3fff) + 1 };
}

function jpegSize(view: Buffer): Size | undefined {
  for (let at = 2; view.readUInt8(at) === 0xff;) {
    const marker = view.readUInt8(at + 1);
    // Exif says how it is turned.
    if (marker === 0xe1 && view.toString("latin1", at + 4, at + 8) === "Exif") return;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: view.readUInt16BE(at + 7), height: view.readUInt16BE(at + 5) };
    at += 2 + view.readUInt16BE(at + 2);
  }
}
