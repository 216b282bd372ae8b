import { isDeepStrictEqual } from 'node:util';
import type { AnyNodeDefinition } from '../../nodes/define-node.ts';
import { type ParamSpec, refuseParam } from '../../nodes/params.ts';

const ID = /^([a-z][A-Za-z0-9]*)\.[a-z][A-Za-z0-9]*$/;
const NAME = /^[a-z][A-Za-z0-9]*$/;
const ONE_SENTENCE = /^[A-Z0-9“][^\n]*\.$/;
const SENTENCE_BREAK = /[.!?]\s/;
const LEAST_DOCS = 120;

/** Everything that is wrong with a node's schema and documentation, one sentence each; empty when it is as it should be. */
export function findSchemaFaults(definition: AnyNodeDefinition): string[] {
  const { id, category, title, summary, docs, inputs, outputs, params } = definition;
  const faults: string[] = [];
  const expect = (holds: boolean, fault: string): void => {
    if (!holds) faults.push(`${id}: ${fault}`);
  };
  expect(ID.exec(id)?.[1] === category, `its id must be its category (${category}), a dot and a camelCase name`);
  expect(isTitle(title), `its title ${JSON.stringify(title)} must be words without a full stop`);
  expect(ONE_SENTENCE.test(summary) && !SENTENCE_BREAK.test(summary), `its summary must be one sentence with a full stop: ${summary}`);
  expect(
    docs.trim().length >= LEAST_DOCS,
    `its docs must say what it does, in which units and after which source (${LEAST_DOCS} characters)`,
  );
  expect(!/^#{1,6} /m.test(docs), 'its docs must do without headings: they stand under one');
  expect(Object.keys(outputs).length > 0, 'it must have an output');
  for (const [name, { title: socketTitle, doc }] of [...Object.entries(inputs), ...Object.entries(outputs), ...Object.entries(params)]) {
    expect(NAME.test(name), `${name} must be camelCase`);
    expect(isTitle(socketTitle), `the title of ${name} must be words without a full stop`);
    expect(doc.trim() === doc && doc.endsWith('.'), `the doc of ${name} must be a sentence with a full stop`);
  }
  for (const name of Object.keys(params))
    expect(!Object.hasOwn(inputs, name), `${name} is an input and a parameter: wires name both alike`);
  for (const [name, { onlyFor }] of Object.entries(params)) {
    if (onlyFor === undefined) continue;
    const choice = params[onlyFor.param];
    const options = choice?.kind === 'choice' ? Object.keys(choice.options) : [];
    expect(
      onlyFor.values.length > 0 && onlyFor.values.every((value) => options.includes(value)),
      `${name} says that it has an effect for values that the choice ${onlyFor.param} does not have`,
    );
  }
  for (const [name, spec] of Object.entries(params)) faults.push(...findParamFaults(spec).map((fault) => `${id}: ${name} ${fault}`));
  faults.push(...findVersionFaults(definition).map((fault) => `${id}: ${fault}`));
  const schema = { inputs, outputs, params };
  expect(isDeepStrictEqual(JSON.parse(JSON.stringify(schema)), schema), 'its schema must be plain JSON');
  return faults;
}

function isTitle(text: string): boolean {
  return text.trim() === text && text !== '' && !text.endsWith('.');
}

function findParamFaults(spec: ParamSpec): string[] {
  const faults: string[] = [];
  const refusal = refuseParam(spec, spec.default);
  if (refusal !== undefined) faults.push(`${refusal}, which is its own default`);
  if (spec.kind === 'int' || spec.kind === 'number') {
    if (!(spec.min < spec.max)) faults.push('has an empty range');
    if (spec.step !== undefined && !(spec.step > 0)) faults.push('has a step that goes nowhere');
  }
  if (spec.kind === 'choice') {
    if (Object.keys(spec.options).length < 2) faults.push('is a choice of one');
    if (!Object.values(spec.options).every(isTitle)) faults.push('has an option without a title');
  }
  return faults;
}

function findVersionFaults({ version, migrations = [] }: AnyNodeDefinition): string[] {
  if (!Number.isInteger(version) || version < 1) return [`its version must be a whole number from 1, and is ${version}`];
  const from = migrations.map((migration) => migration.from).join();
  const wanted = Array.from({ length: version - 1 }, (_, at) => at + 1).join();
  return from === wanted
    ? []
    : [`version ${version} needs migrations from versions ${wanted || 'none'}, and has them from ${from || 'none'}`];
}
