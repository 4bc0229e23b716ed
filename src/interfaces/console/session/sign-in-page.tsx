import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { CommandLine } from '../components/empty-state.js';
import { Logo } from '../components/logo.js';
import { ThemeSwitch } from '../components/theme-switch.js';
import { addressOf, apiRoot, consolePath, serverAddress } from '../routing/addresses.js';
import { SignInForm } from './sign-in-form.js';

export function SignInPage() {
  const { path, route } = useLocation();
  useEffect(() => {
    document.title = 'Sign in · PortKV';
  }, []);
  return (
    <main class="sign-in" id="content">
      <header>
        <Logo />
        <ThemeSwitch />
      </header>
      <section class="panel">
        <h1>Sign in with a key</h1>
        <p class="hint">
          A project’s key shows its data. The system key manages projects and the server. Give one, and add the other
          later.
        </p>
        <SignInForm
          onDone={() => {
            if (path === `${consolePath}sign-in`) route(addressOf(''));
          }}
        />
      </section>
      <details>
        <summary>Where do I find a key?</summary>
        <p>The server printed both when it first started, and shows each key only once. </p>
        <p>
          A lost system key: take <code>system.authentication.api_key_hash</code> out of <code>config.json</code> and
          restart the server, which prints a new one. A lost key of a project is replaced with the system key:
        </p>
        <CommandLine
          text={`curl -X POST ${apiRoot}/api/v1/projects/PROJECT/config/regenerate-api-key -H "X-API-Key: $SYSTEM_KEY"`}
        />
      </details>
      <p class="hint">
        <a href={serverAddress('docs')}>API documentation</a>
      </p>
    </main>
  );
}
