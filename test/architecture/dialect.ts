/** A word or phrase that the house does not use, and what it writes instead. */
export interface Phrase {
  readonly pattern: RegExp;
  readonly instead: string;
}

/** What a condition is often attached to. */
const OUTCOME =
  '(?:only|also|even|except|save|but|else|not|true|false|undefined|null|absent|empty|none|nothing|forbidden|at once|' +
  'throws|rejects)';
/** What often follows in a condition, and hardly ever in a place. */
const STATE = '(?:missing|left out|not|no|none|gone|empty|damaged|encrypted|taken|over|full)';
/** After these a condition is meant; another verb, such as puts, says what happens at a place. */
const STATIVE = '(?:is|are|was|were|has|have|can|could|does|do|exists?)';
const SUBJECT = '(?:it|they|this|that|one|(?:the|a|an|its|any|such) [^ .,;]+(?: [^ .,;]+)?)';
/** How the sentence goes on after a condition, and not after a place. */
const MAIN_CLAUSE = '(?:it|they|this|that|these|nothing|none|one|no|its|each|all|both|others|the|a|an|only)';
/** A reader falls behind, something is left behind; write-behind is a word of caches. */
const NOT_LAGGING =
  '(?<!write-|\\b(?:fall|falls|fell|fallen|lag|lags|lagging|leave|leaves|left) (?:[^.;,]{0,30} )?)' +
  '(?!(?<=\\b(?:is|are|was|were|ms) )behind[.,;)])';
const NO_PROXY = '(?! (?:a|an|the|one|its|several)(?: [a-z]+)? (?:prox(?:y|ies)|path prefix|load balancer))';

const PEOPLE = 'clients, readers, callers, operators, programs: whichever is meant';

/** The list of CONTRIBUTING.md. Of conditions with `where` it finds those that cannot be meant as a place. */
export const DIALECT: readonly Phrase[] = [
  phrase('\\b(?!(?<=[\'"])[a-z]+[\'"])(whoever|somebody|nobody)\\b', PEOPLE),
  phrase('\\blest\\b', 'so that … not'),
  phrase('\\banew\\b', 'again'),
  phrase('\\bshall\\b', 'must, should, or the plain present'),
  phrase('\\b(told|tells|hears)\\b(?! [^.]{0,30}apart)', 'reports, publishes, returns, notifies, receives'),
  phrase('(?<!\\bthe )\\banswers (how|what|whether|where|true|false)\\b', 'returns'),
  phrase('\\b(to|for|by|from|of) who\\b', PEOPLE),
  phrase('(?<!\\b(?:if|unless) )\\bthere (is|are|was|were) none\\b', 'is missing, does not exist'),
  phrase('\\b(that|which|it) (is|are|was|were) none\\b', 'is not one, is not a …'),
  phrase(`(?<![a-z])(${OUTCOME},?|\`) where\\b`, 'if'),
  phrase(`, where (there|so|(it|they|one|this|that) ${STATIVE})\\b`, 'if'),
  phrase(`\\bwhere (there (is|are|was|were)|nothing|nobody|none|neither|not|no|so)\\b`, 'if'),
  phrase(`\\bwhere ${SUBJECT} (is|are|was|were|has|have) ${STATE}\\b`, 'if'),
  phrase(`(?<=[.:;\u0000]\\s+|^|\\n\\s*)Where [^.;:,]*, ${MAIN_CLAUSE}\\b`, 'if', ''),
  phrase(`${NOT_LAGGING}\\bbehind\\b${NO_PROXY}`, 'after, past, through'),
];

/** A space in a phrase may be a line break. */
function phrase(source: string, instead: string, flags = 'i'): Phrase {
  return { pattern: new RegExp(source.replaceAll(' ', '\\s+'), `g${flags}`), instead };
}
