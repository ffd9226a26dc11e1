import { delimiter } from 'node:path';

/** What a program must know to reach a package registry from this machine. */
const FOR_THE_NETWORK =
  /^(HOME|NODE_EXTRA_CA_CERTS|(https?|no)_proxy|npm_config_(cache|globalconfig|registry|userconfig))$/i;

/**
 * The environment for commands that shall run as on a machine of their own: the way to the network and to installed programs, but
 * nothing of the configuration, of npm's run or of the checkout that this process was started in.
 */
export function outerEnvironment(): Record<string, string> {
  const { PATH = '', ...others } = process.env;
  const kept = Object.entries(others).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && FOR_THE_NETWORK.test(entry[0]),
  );
  const path = PATH.split(delimiter).filter((directory) => !directory.includes('node_modules'));
  return { PATH: path.join(delimiter), ...Object.fromEntries(kept) };
}
