import { useState } from 'preact/hooks';
import { Button } from './button.js';
import { notifyError } from './notices.js';

export function CopyButton({ text, label = 'Copy' }: { readonly text: string; readonly label?: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await copyText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), 2000);
    } catch (error) {
      notifyError(error, 'Nothing was copied');
    }
  };
  return <Button icon={isCopied ? 'check' : 'copy'} kind="quiet" label={isCopied ? 'Copied' : label} onClick={copy} />;
}

/** The clipboard of the browser is there only over HTTPS and on loopback. */
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  const isDone = document.execCommand('copy');
  area.remove();
  if (!isDone) throw new Error('The browser refused; select the text and copy it');
}
