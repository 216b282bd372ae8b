import { sizeAt, type Tensor, tensor } from '../tensor.ts';

/** What a network's numbers may mean, by name. */
export const RANGES = {
  input: {
    auto: '0…255 for whole numbers, else 0…1',
    unit: '0…1',
    signed: '−1…1',
    bytes: '0…255',
    imagenet: 'ImageNet’s mean and deviation',
  },
  output: {
    auto: '0…255 for whole numbers, else 0…1',
    unit: '0…1',
    signed: '−1…1',
    bytes: '0…255',
    stretch: 'from the least to the largest value',
  },
} as const;

const MEAN = [0.485, 0.456, 0.406];
const DEVIATION = [0.229, 0.224, 0.225];

/** A picture float32 NCHW [1, channels, h, w] in 0…1 as a network takes it. */
export function toRange(picture: Tensor, range: Exclude<keyof (typeof RANGES)['input'], 'auto'>): Tensor {
  switch (range) {
    case 'unit':
      return picture;
    case 'signed':
      return mapped(picture, (value) => 2 * value - 1);
    case 'bytes':
      return mapped(picture, (value) => 255 * value);
    case 'imagenet':
      return mapped(picture, (value, channel) => (value - (MEAN[channel] ?? 0)) / (DEVIATION[channel] ?? 1));
    default:
      return range satisfies never;
  }
}

/** What a network gives as a picture in 0…1; NaN stays and is found later. */
export function fromRange(picture: Tensor, range: Exclude<keyof (typeof RANGES)['output'], 'auto'>): Tensor {
  switch (range) {
    case 'unit':
      return mapped(picture, cut);
    case 'signed':
      return mapped(picture, (value) => cut((value + 1) / 2));
    case 'bytes':
      return mapped(picture, (value) => cut(value / 255));
    case 'stretch': {
      let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (const value of picture.data) {
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
      const span = most - least;
      return mapped(picture, (value) => (span === 0 ? 0 : (value - least) / span));
    }
    default:
      return range satisfies never;
  }
}

/** Cut off at 0 and 1; NaN stays. */
export function cut(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}

function mapped(picture: Tensor, apply: (value: number, channel: number) => number): Tensor {
  const plane = sizeAt(picture, 2) * sizeAt(picture, 3);
  return tensor(
    picture.data.map((value, at) => apply(value, Math.floor(at / plane))),
    picture.shape,
  );
}
