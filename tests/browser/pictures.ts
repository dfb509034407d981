import type { Page } from "playwright-core";

/** Draws a picture: red on the left, blue on the right. */
export async function drawPicture(page: Page, width: number, height: number, type = "image/png"): Promise<Buffer> {
  const base64 = await page.evaluate(({ width, height, type }) => {
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const context = canvas.getContext("2d")!;
    context.fillStyle = "#e02020";
    context.fillRect(0, 0, width / 2, height);
    context.fillStyle = "#2040e0";
    context.fillRect(width / 2, 0, width, height);
    return canvas.toDataURL(type).split(",")[1]!;
  }, { width, height, type });
  return Buffer.from(base64, "base64");
}

/** Where a photograph was taken, as cameras write it: an EXIF block with a latitude. */
const EXIF = Buffer.from(
  "45786966000049492a000800000001002588040001000000" + // a directory with a pointer to GPS
    "1a00000000000000020001000200020000004e0000000200050003000000380000000000000034000000010000001f0000000100000007000000010000",
  "hex",
);

/** The part of a JPEG with the position: it comes right after the first two bytes. */
export const EXIF_SEGMENT = Buffer.concat([Buffer.from([0xff, 0xe1, 0, EXIF.length + 2]), EXIF]);

/** Puts the position into a JPEG. */
export function withPosition(jpeg: Buffer): Buffer {
  return Buffer.concat([jpeg.subarray(0, 2), EXIF_SEGMENT, jpeg.subarray(2)]);
}

/** A sound of a second, as WAV. */
export function silence(): Buffer {
  const samples = 8_000;
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + samples, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8_000, 24);
  head.writeUInt32LE(8_000, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write("data", 36);
  head.writeUInt32LE(samples, 40);
  return Buffer.concat([head, Buffer.alloc(samples, 128)]);
}

/** A film of a second, 320 by 180, recorded by the browser. */
export async function film(page: Page): Promise<Buffer> {
  const base64 = await page.evaluate(async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
    const context = canvas.getContext("2d")!;
    const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: "video/webm;codecs=vp8" });
    const parts: Blob[] = [];
    recorder.ondataavailable = ({ data }) => void parts.push(data);
    const stopped = new Promise((resolve) => recorder.onstop = resolve);
    recorder.start();
    for (let frame = 0; frame < 20; frame++) {
      context.fillStyle = `hsl(${frame * 18} 70% 50%)`;
      context.fillRect(0, 0, 320, 180);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    recorder.stop();
    await stopped;
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    return btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ""));
  });
  return Buffer.from(base64, "base64");
}
