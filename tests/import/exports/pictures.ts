const HEIGHT_AND_WIDTH = [0, 2, 0, 3];

/** The beginning of a JPEG of 3 by 2 pixels that Exif turns, with room for the small picture that cameras add. */
export function turnedJpeg(orientation: number, more = 0): Uint8Array {
  const exif = [
    ...Buffer.from("Exif\0\0MM\0*\0\0\0\b", "latin1"),
    ...[0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0],
    ...Array(more).fill(0),
  ];
  const length = exif.length + 2;
  const frame = [0xff, 0xc0, 0, 17, 8, ...HEIGHT_AND_WIDTH, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1, 0xff, 0xd9];
  return new Uint8Array([0xff, 0xd8, 0xff, 0xe1, length >> 8, length & 0xff, ...exif, ...frame]);
}
