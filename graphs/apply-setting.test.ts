import { expect, it } from 'vitest';
import { sentenceOf } from '../test/contracts/command-contract.ts';
import { textToImage } from '../test/example-graphs.ts';
import { exampleRegistry } from '../test/example-nodes.ts';
import { unwrap } from '../test/unwrap.ts';
import { applySetting } from './apply-setting.ts';
import { findNode, type GraphDocument } from './document.ts';

const document = (): GraphDocument =>
  textToImage()
    .node('blur', 'blur')
    .node('photo', 'loadImage')
    .node('a.b', 'number')
    .node('n', 'number', { value: 5 })
    .wire('n.value', 'empty.width')
    .document();
const apply = (setting: string) => applySetting(document(), exampleRegistry, setting);

it.each<[string, unknown]>([
  ['positive.prompt=a red apple, 5 = 3+2', 'a red apple, 5 = 3+2'],
  ['positive.prompt=', ''],
  ['positive.prompt=null', 'null'],
  ['positive.prompt={"a": 1}', '{"a": 1}'],
  ['sampler.steps=30', 30],
  ['sampler.guidance=1.5e1', 15],
  ['sampler.guidance=.5', 0.5],
  ['sampler.start=null', null],
  ['blur.fast=true', true],
  ['blur.edges=mirror', 'mirror'],
  ['sampler.seed=18446744073709551615', '18446744073709551615'],
  ['sampler.seed=-1', '-1'],
  ['sampler.seed=[1, "2", 18446744073709551615]', ['1', '2', '18446744073709551615']],
  ['sampler.scheduler=karras', 'karras'],
  ['sampler.scheduler={"_class_name": "DDIMScheduler", "eta": 0.5}', { _class_name: 'DDIMScheduler', eta: 0.5 }],
  ['sampler.scheduler={"lambda_min_clipped": -Infinity}', '{"lambda_min_clipped": -Infinity}'],
  ['a.b.value=7', 7],
])('%s', (setting, value) => {
  const [id, param] = setting.slice(0, setting.indexOf('=')).split(/\.(?=[^.]*$)/);
  const { document: changed, trusted } = unwrap(apply(setting));
  expect(findNode(changed, id!)?.params[param!]).toEqual(value);
  expect(trusted).toEqual([]);
});

it.each<[string, unknown, string[]]>([
  ['checkpoint.model=/models/a.safetensors', '/models/a.safetensors', ['/models/a.safetensors']],
  ['checkpoint.model={"name": "/models/b", "family": "sdxl"}', { name: '/models/b', family: 'sdxl' }, ['/models/b']],
  ['checkpoint.config=C:\\configs', 'C:\\configs', ['C:\\configs']],
  ['checkpoint.config=null', null, []],
  ['photo.path=../x=y.png', '../x=y.png', ['../x=y.png']],
])('%s names a file that is trusted', (setting, value, trusted) => {
  const applied = unwrap(apply(setting));
  expect(applied.trusted).toEqual(trusted);
  const [id, param] = setting.slice(0, setting.indexOf('=')).split('.');
  expect(findNode(applied.document, id!)?.params[param!]).toEqual(value);
});

it.each([
  ['sampler.steps', 'A setting is written node.param=value, for example positive.prompt=a red apple, and this one is “sampler.steps”.'],
  ['steps=3', 'A setting is written node.param=value'],
  ['smapler.steps=3', 'The graph has no node “smapler”. Did you mean sampler?'],
  ['sampler.stesp=3', 'Sampler “sampler” has no parameter “stesp”. Did you mean steps?'],
  ['sampler.steps=many', 'Sampler “sampler”: Steps must be a whole number from 1 to 1000, and is "many".'],
  ['sampler.steps=', 'Sampler “sampler”: Steps must be a whole number from 1 to 1000, and is "".'],
  ['sampler.steps=2000', 'and is 2000.'],
  ['sampler.steps=null', 'and is "null".'],
  ['blur.fast=yes', 'Blur “blur”: Fast must be true or false, and is "yes".'],
  ['sampler.seed=[]', 'Seed must be a whole number'],
  ['sampler.seed=1.5', 'Seed must be a whole number'],
  ['checkpoint.model={"nam": 1}', "Model must be a model's name or path, or {name, sha256, family}"],
  ['sampler.scheduler={"constructor": 1}', 'must be plain JSON, and holds the key constructor, which is reserved.'],
  [
    'empty.width=64',
    'Empty Latent “empty”: Width is wired to Number “n”, so a value set here would not be used. Set it there, or remove the wire.',
  ],
])('%s is refused', (setting, sentence) => {
  expect(sentenceOf(apply(setting))).toContain(sentence);
});
