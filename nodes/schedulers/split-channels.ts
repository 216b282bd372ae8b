/** Splits rows of twice as many channels into the first and the second half of each: mean and variance of a network that has both. */
export function splitChannels(output: Float32Array, batch: number): readonly [first: Float32Array, second: Float32Array] {
  const half = output.length / batch / 2;
  const first = new Float32Array(output.length / 2);
  const second = new Float32Array(output.length / 2);
  for (let row = 0; row < batch; row++) {
    first.set(output.subarray(2 * row * half, (2 * row + 1) * half), row * half);
    second.set(output.subarray((2 * row + 1) * half, (2 * row + 2) * half), row * half);
  }
  return [first, second];
}
