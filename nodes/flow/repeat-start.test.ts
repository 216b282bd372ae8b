import { nodeContract } from '../../test/contracts/node-contract.ts';
import { repeatStart } from './repeat-start.ts';

nodeContract(repeatStart, {
  instant: true,
  examples: {
    'one value': () => ({ inputs: { first: 3 } }),
    'several values': () => ({ inputs: { first: 'a', third: 4 }, params: { count: 5 } }),
  },
});
