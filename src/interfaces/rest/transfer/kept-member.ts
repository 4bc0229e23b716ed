/** A member `kept` with the names of damaged files that were put aside; no member if there are none. */
export function keptMember(kept: readonly string[]): { readonly kept?: readonly string[] } {
  return kept.length === 0 ? {} : { kept };
}
