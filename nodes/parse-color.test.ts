import { expect, it } from 'vitest';
import { refuseParam } from './params.ts';
import { parseColor } from './parse-color.ts';

const spec = { kind: 'color', title: 'Colour', doc: '', default: '#000' } as const;

it('reads three, six and eight digits', () => {
  expect(parseColor('#fff')).toEqual([1, 1, 1, 1]);
  expect(parseColor('#FF8000')).toEqual([1, 128 / 255, 0, 1]);
  expect(parseColor('#00000080')).toEqual([0, 0, 0, 128 / 255]);
});

it('is all that a colour parameter may hold', () => {
  expect(['#fff', '#a0b1c2', '#a0b1c2d3'].map((value) => refuseParam(spec, value))).toEqual([undefined, undefined, undefined]);
  for (const value of ['red', 'fff', '#ff', '#ggg', '', null, 7]) {
    expect(refuseParam(spec, value)).toMatch(/^must be a colour as #rgb, #rrggbb or #rrggbbaa, and is /);
  }
  expect(refuseParam({ ...spec, default: null }, null)).toBeUndefined();
});
