// The evaluator process: everything that computes, so that the host never blocks and never dies with it.
import { registry } from '../../nodes/registry.ts';
import { createModelRuntime } from '../runtime/create-model-runtime.ts';
import { startEvaluator } from './start-evaluator.ts';

startEvaluator({ registry, createRuntime: createModelRuntime });
