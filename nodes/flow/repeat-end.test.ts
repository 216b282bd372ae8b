import { nodeContract } from '../../test/contracts/node-contract.ts';
import { repeatEnd } from './repeat-end.ts';

nodeContract(repeatEnd, { instant: true, examples: { 'two values': () => ({ inputs: { zone: 2, first: 3, second: 'b' } }) } });
