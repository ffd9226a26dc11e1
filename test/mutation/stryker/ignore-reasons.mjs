import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

/** The errors whose first text, or whose text after the code, is a sentence for the log. */
const ERRORS = new Set(['DerError', 'KeyError', 'PemError', 'NotACertificate', 'NotAPrivateKey', 'TypeError']);

/** Tests demand a code, not the wording of a reason: a mutant that changes the words alone is no hole in them. */
const ignoreReasons = {
  shouldIgnore({ node, parent }) {
    const isText = node.type === 'StringLiteral' || node.type === 'TemplateLiteral';
    if (!isText || parent?.type !== 'NewExpression' || parent.callee.type !== 'Identifier') return undefined;
    const { callee, arguments: given } = parent;
    const isReason = ERRORS.has(callee.name) || (callee.name === 'CannotIssue' && given[1] === node);
    return isReason ? 'the wording of a reason for the log' : undefined;
  },
};

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, 'reasons', ignoreReasons)];
