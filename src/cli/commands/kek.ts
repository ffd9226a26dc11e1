import { generateKek } from '../../sealing/index.ts';
import type { Commands } from './command.ts';
import { readOptions } from './options.ts';

export const kekCommands: Commands = {
  'kek generate': {
    usage: `kek generate
      Prints a new key-encryption key for CERTKEEP_KEK.`,
    async run(parameters) {
      readOptions(parameters, {});
      process.stdout.write(`${generateKek()}\n`);
      return 0;
    },
  },
};
