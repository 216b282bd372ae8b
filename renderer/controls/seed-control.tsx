import { Dices, History, Lock, LockOpen } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useId, useState } from 'react';
import { setSeedLock } from '../../graphs/commands/set-seed-lock.ts';
import { isUnlocked } from '../../graphs/unlocked-seeds.ts';
import { carryOut, registryOf } from '../operations/carry-out.ts';
import { titleOf } from '../operations/node-title.ts';
import { drawSeed, usedSeedsKeys } from '../operations/run-graph.ts';
import { texts } from '../texts.ts';
import { useEditor, useKeyed, useNodePart } from '../use-editor.ts';
import type { ControlProps, SpecOf } from './control-props.ts';

/** A seed: typed, thrown, kept or thrown anew before every run, and those used before. */
export function SeedControl({ node, param, spec, value, change, done }: ControlProps<SpecOf<'seed'>>) {
  const id = useId();
  const editor = useEditor();
  const isLoose = useNodePart(node, ({ document }) => isUnlocked(document, { node, param }));
  const keys = usedSeedsKeys(editor, { node, param });
  const usedAtFile = useKeyed(editor.usedSeeds, keys.key);
  const usedBefore = useKeyed(editor.usedSeeds, keys.before);
  const used = usedAtFile ?? usedBefore ?? [];
  const [typed, setTyped] = useState<string>();
  const [refusal, setRefusal] = useState<string>();
  const set = (seed: string): void => {
    change(seed);
    done();
  };
  const toggleLock = (): void => {
    const label = (isLoose ? texts.steps.lockSeed : texts.steps.unlockSeed)(titleOf(editor, node));
    carryOut(editor, label, (draft) => setSeedLock(draft, { registry: registryOf(editor), node, param, locked: isLoose }));
  };
  return (
    <div className="field is-seed" title={refusal ?? spec.doc}>
      <label htmlFor={id}>{spec.title}</label>
      <input
        id={id}
        data-kept=""
        inputMode="numeric"
        autoComplete="off"
        aria-invalid={refusal !== undefined}
        value={typed ?? (Array.isArray(value) ? value.join(', ') : String(value ?? ''))}
        onChange={(event) => {
          const parts = event.target.value.split(',').map((part) => part.trim());
          setTyped(event.target.value);
          setRefusal(change(parts.length > 1 ? parts.filter((part) => part !== '') : (parts[0] ?? '')));
        }}
        onBlur={() => {
          setTyped(undefined);
          setRefusal(undefined);
          done();
        }}
      />
      <button
        type="button"
        className="icon-button is-small"
        aria-label={texts.controls.lockSeed}
        aria-pressed={!isLoose}
        title={isLoose ? texts.controls.seedIsLoose : texts.controls.seedIsLocked}
        onClick={toggleLock}
      >
        {isLoose ? <LockOpen aria-hidden="true" /> : <Lock aria-hidden="true" />}
      </button>
      <button
        type="button"
        className="icon-button is-small"
        aria-label={texts.controls.throwSeed}
        title={texts.controls.throwSeed}
        onClick={() => set(drawSeed())}
      >
        <Dices aria-hidden="true" />
      </button>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger
          className="icon-button is-small"
          aria-label={texts.controls.usedSeeds}
          title={texts.controls.usedSeeds}
          disabled={used.length === 0}
        >
          <History aria-hidden="true" />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content className="menu" align="end" sideOffset={4}>
            {used.map((seed) => (
              <DropdownMenu.Item key={seed} className="menu-item is-figure" onSelect={() => set(seed)}>
                {seed}
              </DropdownMenu.Item>
            ))}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
    </div>
  );
}
