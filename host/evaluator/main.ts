// The evaluator process: everything that computes, so that the host never blocks and never dies with it.
import { setFlagsFromString } from 'node:v8';
import { registry } from '../../nodes/registry.ts';
import { createModelRuntime } from '../runtime/create-model-runtime.ts';
import { startEvaluator } from './start-evaluator.ts';

/**
 * How much code runs before V8 compiles it for speed; 132 KB by default. A step between two passes of a small model is then compiled after a
 * few pictures instead of after dozens: 0.20 ms in place of 0.25 (bench/overhead.ts).
 */
setFlagsFromString('--interrupt-budget=30000');

startEvaluator({ registry, createRuntime: createModelRuntime });
