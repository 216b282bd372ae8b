/** A sampling in which nothing is set that cases do not set: all of the noise schedule, the model's own eta, the last picture alone. */
export const PLAIN_SAMPLING = { strength: 1, frames: 1, eta: null, rescale: 0 } as const;
