import type { NamedEvent } from '../contract.ts';
import type { NodeRunResult, RunEvent } from '../run-events.ts';
import type { Artifact, ArtifactStore } from '../store/artifact-store.ts';

/** An event of a run as the contract has it; what it brings along is put among the artifacts. */
export function toNamedEvent(runId: string, event: RunEvent, artifacts: ArtifactStore): NamedEvent {
  switch (event.kind) {
    case 'state': {
      const { nodeId, title, state } = event;
      return { name: 'run.state', payload: { runId, nodeId, title, state } };
    }
    case 'progress': {
      const { nodeId, done, total, etaMs } = event;
      return { name: 'run.progress', payload: { runId, nodeId, done, total, etaMs } };
    }
    case 'preview':
      return { name: 'run.preview', payload: { runId, nodeId: event.nodeId, ...event.picture } };
    case 'result':
      return { name: 'run.result', payload: { runId, nodeId: event.nodeId, artifacts: toArtifacts(event.result, artifacts) } };
    case 'problem':
      return { name: 'run.problem', payload: { runId, problem: event.problem } };
    case 'note':
      return { name: 'run.note', payload: { runId, message: event.message } };
    case 'ended': {
      const { outcome, problems, durationMs, modelMs } = event;
      return { name: 'run.ended', payload: { runId, outcome, problems: [...problems], durationMs, modelMs } };
    }
    default:
      return event satisfies never;
  }
}

function toArtifacts(result: NodeRunResult, artifacts: ArtifactStore): Artifact[] {
  switch (result.kind) {
    case 'file':
      return [artifacts.addFile(result.path, result.widthPx, result.heightPx)];
    case 'dump':
      return [artifacts.addFile(result.path, 0, 0)];
    case 'pictures':
      return result.pictures.map((picture, at) => artifacts.addPicture(`picture-${at + 1}.png`, picture));
    default:
      return result satisfies never;
  }
}
