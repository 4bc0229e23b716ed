export function Logo() {
  return (
    <span class="logo">
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" />
        <path d="M9 23V9h7.5a5 5 0 0 1 0 10H9" />
        <circle cx="23.5" cy="23" r="2" />
      </svg>
      PortKV
    </span>
  );
}
