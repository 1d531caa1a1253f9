/** Address of the same figures as data; language and reloading do not matter there. */
export function dataAddress(address: string, query: Readonly<Record<string, string>> = {}): string {
  const moved = address.replace(/^\/monitoring(?=[/?]|$)/, '/monitoring/api');
  return changeQuery(moved, { lang: null, refresh: null, ...query });
}

/** An address with some parameters set, or dropped where null. */
export function changeQuery(address: string, changes: Readonly<Record<string, string | null>>): string {
  // The origin is needed to parse and is cut off again.
  const url = new URL(address, 'http://localhost');
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  return `${url.pathname}${url.search}`;
}
