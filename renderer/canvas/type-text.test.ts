import { expect, test } from 'vitest';
import { number, struct, text } from '../../nodes/types/socket-type.ts';
import { detailOf, kindOfType } from './type-text.ts';

test('what is known beyond the kind stands beside a socket', () => {
  expect(detailOf(struct('latent', { space: 'sd', width: 64, height: 64, channels: 4 }))).toBe('SD 1.5 · 64×64');
  expect(detailOf(struct('image'))).toBe('');
  expect(detailOf(undefined)).toBe('');
});

test('a socket is drawn as what it carries, where that is one kind', () => {
  const image = struct('image', { width: 8 });
  expect(kindOfType(image)).toBe('image');
  expect(kindOfType({ kind: 'list', item: image, length: { min: 0, max: 3 } })).toBe('image');
  expect(kindOfType({ kind: 'union', members: [image, struct('image')] })).toBe('image');
  expect(kindOfType({ kind: 'union', members: [number(), text()] })).toBeUndefined();
  expect(kindOfType({ kind: 'never' })).toBeUndefined();
});
