import { sizeAt, type Tensor, tensor } from '../tensor.ts';

/** Classifier-free guidance (Ho and Salimans 2022, equation 6): uncond + guidance · (cond − uncond); float32, both of one shape. */
export function applyGuidance(unconditional: Tensor, conditional: Tensor, guidance: number): Tensor {
  return tensor(guide(unconditional.data, conditional.data, 0, guidance), unconditional.shape);
}

/** The same for both in one batch: the rows without the text, then as many with it. */
export function guideHalves({ data, shape }: Tensor, guidance: number): Tensor {
  const [rows = 0, ...inner] = shape;
  return tensor(guide(data, data, data.length / 2, guidance), [rows / 2, ...inner]);
}

/** `shift`: how much further on in its array a value with the text stands; as many values are left out at the end of the other. */
function guide(unconditional: Float32Array, conditional: Float32Array, shift: number, guidance: number): Float32Array {
  const guided = new Float32Array(unconditional.length - shift);
  for (let at = 0; at < guided.length; at++) {
    const without = unconditional[at] ?? 0;
    guided[at] = without + guidance * Math.fround((conditional[shift + at] ?? 0) - without);
  }
  return guided;
}

/**
 * Rescaled guidance (Lin et al. 2023, section 3.4, as diffusers' `rescale_noise_cfg`): brings the standard deviation of each guided row
 * back to that of the conditional one, and mixes the two by `rescale` in 0…1. `conditional` holds the rows with text.
 */
export function rescaleGuidance(guided: Tensor, conditional: Float32Array, rescale: number): Tensor {
  if (rescale === 0) return guided;
  const rows = sizeAt(guided, 0);
  const size = guided.data.length / rows;
  const data = new Float32Array(guided.data.length);
  for (let row = 0; row < rows; row++) {
    const own = guided.data.subarray(row * size, (row + 1) * size);
    const ratio = standardDeviation(conditional.subarray(row * size, (row + 1) * size)) / standardDeviation(own);
    for (let at = 0; at < size; at++) {
      const value = own[at] ?? 0;
      data[row * size + at] = rescale * value * ratio + (1 - rescale) * value;
    }
  }
  return tensor(data, guided.shape);
}

/**
 * The guidance scale as distilled models (LCM) take it: sinusoids of 1000 · (guidance − 1), float32 [1, width]; diffusers'
 * `get_guidance_scale_embedding` (Meng et al. 2022, On distillation of guided diffusion models).
 */
export function guidanceEmbedding(guidance: number, width: number): Tensor {
  const half = width >> 1;
  const data = new Float32Array(width);
  const scaled = Math.fround((guidance - 1) * 1000);
  const step = Math.log(10000) / (half - 1);
  for (let at = 0; at < half; at++) {
    const angle = Math.fround(scaled * Math.fround(Math.exp(Math.fround(at * Math.fround(-step)))));
    data[at] = Math.sin(angle);
    data[half + at] = Math.cos(angle);
  }
  return tensor(data, [1, width]);
}

/** With Bessel's correction, as torch's `std`. */
function standardDeviation(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}
