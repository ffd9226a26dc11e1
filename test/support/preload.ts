/** The environment in which a Node process runs a script, as a module, before its program. */
export function preloading(script: string): { readonly NODE_OPTIONS: string } {
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}` };
}
