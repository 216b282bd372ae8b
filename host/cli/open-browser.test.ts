import { expect, it } from 'vitest';
import { hasDisplay } from './open-browser.ts';

it.each<[NodeJS.Platform, NodeJS.ProcessEnv, boolean]>([
  ['linux', {}, false],
  ['linux', { DISPLAY: '' }, false],
  ['linux', { DISPLAY: ':0' }, true],
  ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, true],
  ['darwin', {}, true],
  ['darwin', { SSH_CONNECTION: '10.0.0.1 22' }, false],
  ['win32', {}, true],
])('on %s with %o there is a screen: %s', (platform, env, expected) => {
  expect(hasDisplay(env, platform)).toBe(expected);
});
