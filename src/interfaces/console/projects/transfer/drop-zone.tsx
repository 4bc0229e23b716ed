import { useRef, useState } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Icon } from '../../components/icon.js';

/** Takes a file that is dropped on it, or chosen by its button. */
export function DropZone(props: {
  readonly text: string;
  readonly button: string;
  readonly isDisabled: boolean;
  readonly onFile: (file: File) => void;
}) {
  const { text, button, isDisabled, onFile } = props;
  const [isOver, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const take = (files: FileList | null | undefined) => {
    const file = files?.[0];
    if (file !== undefined && !isDisabled) onFile(file);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button does the same without a mouse
    <div
      class={`drop-zone${isOver ? ' over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      <Icon name="upload" />
      <p>{text}</p>
      <Button isDisabled={isDisabled} onClick={() => input.current?.click()}>
        {button}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={text}
        onChange={(event) => {
          take(event.currentTarget.files);
          event.currentTarget.value = '';
        }}
      />
    </div>
  );
}
