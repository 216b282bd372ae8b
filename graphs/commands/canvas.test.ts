import { describe, expect, it } from 'vitest';
import { type CommandCase, commandContract, sentenceOf } from '../../test/contracts/command-contract.ts';
import { textToImage } from '../../test/example-graphs.ts';
import { exampleRegistry as registry } from '../../test/example-nodes.ts';
import { unwrap } from '../../test/unwrap.ts';
import { type GraphDocument, type GraphDraft, nodeId } from '../document.ts';
import { commit, startEditing } from '../history.ts';
import { createIdSource } from '../id-source.ts';
import { addFrame } from './add-frame.ts';
import { addNote } from './add-note.ts';
import { editFrame } from './edit-frame.ts';
import { editNote } from './edit-note.ts';
import { moveNodes } from './move-nodes.ts';
import { removeFrame } from './remove-frame.ts';
import { removeNote } from './remove-note.ts';
import { renameNode } from './rename-node.ts';
import { setBypass } from './set-bypass.ts';
import { setCollapsed } from './set-collapsed.ts';
import { setMute } from './set-mute.ts';
import { setUnfolded } from './set-unfolded.ts';

const box = { x: 0, y: 0, width: 100, height: 50 };
const sampler = nodeId('sampler');
const document = (): GraphDocument => ({
  ...textToImage().document(),
  layout: {
    positions: { [sampler]: { x: 1, y: 2, pinned: true } },
    frames: { f: { title: 'Frame', ...box } },
    notes: { n: { text: 'Note', ...box, font: 'serif' } },
  },
});

const commands: Readonly<Record<string, CommandCase['command']>> = {
  'move-nodes': (draft) =>
    moveNodes(draft, {
      positions: new Map([
        [sampler, { x: 5, y: 2 }],
        [nodeId('save'), { x: 0, y: 0 }],
      ]),
    }),
  'rename-node': (draft) => renameNode(draft, { node: sampler, title: ' Mine ' }),
  'set-bypass': (draft) => setBypass(draft, { nodes: [sampler, nodeId('decode')], bypass: true }),
  'set-mute': (draft) => setMute(draft, { nodes: [sampler, nodeId('decode')], mute: true }),
  'set-collapsed': (draft) => setCollapsed(draft, { nodes: [sampler], collapsed: true }),
  'set-unfolded': (draft) => setUnfolded(draft, { nodes: [sampler], unfolded: true }),
  'add-frame': (draft) => addFrame(draft, { ids: createIdSource(), frame: { title: 'New', ...box, color: 'red' } }),
  'edit-frame': (draft) => editFrame(draft, { id: 'f', change: { title: 'Other', x: 0 } }),
  'remove-frame': (draft) => removeFrame(draft, { id: 'f' }),
  'add-note': (draft) => addNote(draft, { ids: createIdSource(), note: { text: 'New', ...box } }),
  'edit-note': (draft) => editNote(draft, { id: 'n', change: { text: 'Other' } }),
  'remove-note': (draft) => removeNote(draft, { id: 'n' }),
};
for (const [name, command] of Object.entries(commands)) commandContract(name, { registry, document, command });

const run = <T>(command: (draft: GraphDraft) => import('../../nodes/problem.ts').Result<T>) =>
  commit(startEditing(document()), 'Edit', command);

describe('the canvas', () => {
  it('keeps what it does not know of a place and says only what moved', () => {
    const { state, entry } = unwrap(run((draft) => moveNodes(draft, { positions: new Map([[sampler, { x: 9, y: 2 }]]) })));
    expect(state.document.layout?.positions?.[sampler]).toEqual({ x: 9, y: 2, pinned: true });
    expect(unwrap(run((draft) => moveNodes(draft, { positions: new Map([[sampler, { x: 1, y: 2 }]]) }))).entry).toBeUndefined();
    expect(entry?.kind === 'commit' && entry.patches).toHaveLength(1);
  });

  it('makes the layout where there is none', () => {
    const bare = startEditing(textToImage().document());
    const { state } = unwrap(commit(bare, 'Note', (draft) => addNote(draft, { ids: createIdSource(), note: { text: 'x', ...box } })));
    expect(state.document.layout).toEqual({ notes: { note: { text: 'x', ...box } } });
  });

  it('edits one field in one patch', () => {
    const { entry } = unwrap(run((draft) => editNote(draft, { id: 'n', change: { text: 'Other', x: 0 } })));
    expect(entry?.kind === 'commit' && entry.patches).toEqual([{ op: 'replace', path: ['layout', 'notes', 'n', 'text'], value: 'Other' }]);
  });

  it('mutes what was bypassed instead, and the other way round', () => {
    const bypassed = unwrap(run((draft) => setBypass(draft, { nodes: [sampler], bypass: true }))).state;
    const muted = unwrap(commit(bypassed, 'Mute', (draft) => setMute(draft, { nodes: [sampler], mute: true }))).state;
    expect(muted.document.nodes[sampler]).toMatchObject({ mute: true });
    expect(muted.document.nodes[sampler]).not.toHaveProperty('bypass');
    const again = unwrap(commit(muted, 'Bypass', (draft) => setBypass(draft, { nodes: [sampler], bypass: true }))).state;
    expect(again.document.nodes).toEqual(bypassed.document.nodes);
    expect(unwrap(commit(muted, 'On', (draft) => setMute(draft, { nodes: [sampler], mute: false }))).state.document.nodes).toEqual(
      document().nodes,
    );
  });

  it('gives a title back and switches on again', () => {
    const renamed = unwrap(run((draft) => renameNode(draft, { node: sampler, title: 'Mine' }))).state;
    const again = unwrap(commit(renamed, 'Rename', (draft) => renameNode(draft, { node: sampler, title: '  ' }))).state;
    expect(again.document.nodes).toEqual(document().nodes);
    const off = unwrap(commit(again, 'Bypass', (draft) => setBypass(draft, { nodes: [sampler], bypass: true }))).state;
    expect(off.document.nodes[sampler]?.bypass).toBe(true);
    expect(unwrap(commit(off, 'On', (draft) => setBypass(draft, { nodes: [sampler], bypass: false }))).state.document.nodes).toEqual(
      document().nodes,
    );
    const folded = unwrap(commit(off, 'Fold', (draft) => setCollapsed(draft, { nodes: [sampler], collapsed: true }))).state;
    expect(
      unwrap(commit(folded, 'Unfold', (draft) => setCollapsed(draft, { nodes: [sampler], collapsed: false }))).state.document.layout
        ?.collapsed,
    ).toEqual({});
  });

  it('refuses what is not there or can not be drawn', () => {
    expect(sentenceOf(run((draft) => removeFrame(draft, { id: 'toString' })))).toBe('The graph has no frame “toString”.');
    expect(sentenceOf(run((draft) => editNote(draft, { id: 'm', change: {} })))).toBe('The graph has no note “m”.');
    expect(sentenceOf(run((draft) => editFrame(draft, { id: 'f', change: { width: -1 } })))).toBe(
      "This frame can't be drawn: frame.width must be a number from 0, and is -1.",
    );
    expect(sentenceOf(run((draft) => addNote(draft, { ids: createIdSource(), note: { text: 'x', ...box, x: Number.NaN } })))).toBe(
      "This note can't be drawn: note.x must be a number, and is NaN.",
    );
    expect(sentenceOf(run((draft) => moveNodes(draft, { positions: new Map([[sampler, { x: Number.NaN, y: 0 }]]) })))).toContain(
      'two numbers',
    );
    for (const command of [
      (draft: GraphDraft) => renameNode(draft, { node: nodeId('gone'), title: 'x' }),
      (draft: GraphDraft) => setBypass(draft, { nodes: [nodeId('gone')], bypass: true }),
      (draft: GraphDraft) => setMute(draft, { nodes: [nodeId('gone')], mute: true }),
      (draft: GraphDraft) => setCollapsed(draft, { nodes: [nodeId('gone')], collapsed: true }),
      (draft: GraphDraft) => setUnfolded(draft, { nodes: [nodeId('gone')], unfolded: true }),
      (draft: GraphDraft) => moveNodes(draft, { positions: new Map([[nodeId('gone'), { x: 0, y: 0 }]]) }),
    ]) {
      expect(sentenceOf(run<null>(command))).toBe('The graph has no node “gone”.');
    }
  });
});
