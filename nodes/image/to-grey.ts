/** One colour picture's planes as one plane of brightness (Rec. 601, as Pillow's mode L weighs them); float32, fresh. */
export function toGrey(planes: Float32Array): Float32Array {
  const size = planes.length / 3;
  const grey = new Float32Array(size);
  for (let at = 0; at < size; at++) {
    grey[at] = 0.299 * (planes[at] ?? 0) + 0.587 * (planes[size + at] ?? 0) + 0.114 * (planes[2 * size + at] ?? 0);
  }
  return grey;
}
