import { useEffect, useState } from 'preact/hooks';
import type { Entry } from '../operations/read-entry.js';
import { pictureType } from './value-kind.js';

/** A picture. What it is made of cannot run: an SVG in an image has no scripts and loads nothing. */
export function ImageView({ entry }: { readonly entry: Entry }) {
  const [address, setAddress] = useState<string>();
  const [size, setSize] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([entry.bytes], { type: pictureType(entry) ?? '' }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [entry]);
  return (
    <figure class="picture">
      {address !== undefined && (
        <img
          src={address}
          alt={`The value of ${entry.key}`}
          onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => setSize(`${naturalWidth} × ${naturalHeight}`)}
          onError={() => setSize('The browser cannot show this picture.')}
        />
      )}
      <figcaption class="hint">{size}</figcaption>
    </figure>
  );
}
