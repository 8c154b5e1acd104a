/** A path without /var before /run: /var/run is a link to /run on every system since 2012. */
export function withoutVar(path: string): string {
  return path.replace(/^\/var\/run\//, '/run/');
}
