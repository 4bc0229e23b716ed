/** Files of `src` that have better names now, by the end of their path. */
export const RETIRED_FILES: readonly string[] = [
  ...['others', 'told-of-others', 'others-in-charge', 'mending', 'while-room', 'one-beside', 'recorded-move'],
  ...['move-store', 'take-back', 'switch-content', 'gathered-content', 'next-generation', 'first-placement'],
  ...['placed-store', 'move-as-configured', 'reopen-failed', 'frozen-view', 'earlier-images', 'snapshot-routine'],
  ...['batches-of', 'lines-of', 'packed-pieces', 'sealed-frames', 'itemized', 'changes-of', 'chain', 'turns'],
  ...['missing', 'existing', 'recent', 'allowance', 'failure-budget', 'verified-secrets', 'further-keys'],
  ...['further-key', 'rotate-keys', 'key-checks', 'key-uses', 'commit-group', 'row', 'findings', 'repaired'],
  ...['unreadable', 'lmdb/guard', 'lmdb/clean-mark', 'lmdb/state', 'lmdb/keys', 'lmdb/damage', 'read-in-place'],
  ...['recent-rows', 'remembered-deletes', 'directory/intent', 'recover', 'main-file', 'wide-files', 'opened-values'],
  ...['endpoint', 'routes/line', 'routes/contents', 'beyond-project', 'late-clients', 'one-piece', 'pace'],
  ...['qualities', 'presented-key', 'request-account', 'request-audit', 'control-json', 'raw-answer'],
  ...['reject-connection', 'reach', 'announce', 'figures', 'config/locate', 'plain-keys', 'missing-keys', 'watched'],
  ...['config/json-text', 'patience', 'gathered-output'],
];

/** Exported declarations of `src`. Words such as these may name a member or a parameter. */
export const RETIRED_EXPORTS: readonly string[] = [
  ...['Others', 'Mending', 'Copy', 'News', 'ByKey', 'Stamp', 'Turns', 'Recent', 'Allowance', 'Used', 'Head', 'Row'],
  ...['Findings', 'Repaired', 'Unsound', 'Intent', 'Endpoint', 'Answer', 'Figures', 'Surroundings', 'Patience'],
  ...['Door', 'Watches', 'FEW', 'HANDFUL', 'behind', 'chain', 'existing', 'explained', 'itemized', 'missing'],
  ...['packed', 'unpacked', 'pretend', 'reach', 'recover', 'guard', 'route', 'outside', 'announce', 'watched'],
  ...['linesOf', 'readOn'],
];

/** Anywhere in `src`, also in comments, but for private members: nothing else is called like this. */
export const RETIRED_WORDS: readonly string[] = [
  ...['OthersChange', 'ToldOfOthers', 'OthersInCharge', 'openedOthers', 'noteOthers', 'ExchangeableStore'],
  ...['commitWhileStill', 'watchWhileStill', 'EndedStore', 'whileRoom', 'distrust', 'isCertain', 'giveUp'],
  ...['OneBeside', 'NextStore', 'MoveTarget', 'takeCharge', 'goBack', 'RecordedMove', 'moveStore', 'isNear'],
  ...['takeBack', 'placeAnew', 'placeFound', 'PlacedStore', 'EngineWish', 'wishOf', 'OtherGeneration', 'keptBehind'],
  ...['moveAsConfigured', 'Reopening', 'ConfiguredKeyspaces', 'FrozenView', 'EarlierImages', 'SnapshotRoutine'],
  ...['packInto', 'changesSince', 'endUntold', 'untold', 'startAgain', 'WatchChanges', 'prefixBehind'],
  ...['VerifiedSecrets', 'verifyAlike', 'FurtherKey', 'furtherOf', 'requireKeys', 'KeyCheck', 'CommitGroup'],
  ...['Misshapen', 'RecentRows', 'LaterReply', 'refuseBeyondProject', 'LateClients', 'endInOnePiece', 'watchPace'],
  ...['isPaced', 'presentedKey', 'RequestAccount', 'requireSound', 'normalTarget', 'warnOfOpenDoors'],
  ...['withSmallYoung', 'GatheredOutput', 'OpenedValues', 'adoptPlainKeys', 'makeMissingKeys', 'FailureBudget'],
  ...['RememberedDeletes', 'KeyUses', 'RotateKeys', 'switchContent', 'gatheredContent', 'inaccessible'],
];
