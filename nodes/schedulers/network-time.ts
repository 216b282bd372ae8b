/** What noise levels and times a network was trained on; a sampler of one kind gives mush with a network of another. */
export type NetworkTime = 'table' | 'edm' | 'flow' | 'continuous';

/** The kind in words that end a sentence: "networks …". */
export const NETWORK_TIMES: Readonly<Record<NetworkTime, string>> = {
  table: 'trained on a table of betas',
  edm: "preconditioned as EDM's",
  flow: 'trained by flow matching',
  continuous: 'on a continuous time from 0 to 1',
};

/** The kind of network that a configuration is for. */
export function networkTime(config: Readonly<Record<string, unknown>>): NetworkTime {
  const name = String(config['_class_name']);
  if (name.startsWith('EDM')) return 'edm';
  if (name.startsWith('FlowMatch') || config['use_flow_sigmas'] === true || config['prediction_type'] === 'flow_prediction') return 'flow';
  return name === 'IPNDMScheduler' ? 'continuous' : 'table';
}
