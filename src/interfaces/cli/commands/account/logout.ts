import { Command } from 'commander';
import { AppError } from '../../../../domain/errors.js';
import { Profiles } from '../../connection/profiles.js';
import { parseText } from '../../options/option-values.js';
import { printMessage } from '../../output/messages.js';
import { printResult } from '../../output/print-result.js';
import { jsonOption } from '../api-command.js';

/** `portkv logout`. */
export function logoutCommand(): Command {
  return new Command('logout')
    .description('Forget a server and its keys, which stay valid there')
    .option('--profile <name>', 'under which name it is kept, else the one that is in use', parseText)
    .addOption(jsonOption())
    .action(async ({ profile, json }) => {
      const profiles = Profiles.ofUser(process.env);
      const found = await profiles.find(profile);
      if (found === undefined) throw new AppError('not_found', `There is no profile in use in ${profiles.path}`);
      await profiles.forget(found.name);
      printResult(json, { profile: found.name, url: found.profile.url }, []);
      printMessage(`Profile '${found.name}' of ${found.profile.url} is forgotten`);
    });
}
