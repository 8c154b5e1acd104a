/** Absolute paths of a node or of a container, as text: no link is followed. */

/** What is left of a path below a folder, empty for the folder itself; undefined when it is elsewhere. */
export function below(path: string, folder: string): string | undefined {
  if (folder === '/') return path === '/' ? '' : path.startsWith('/') ? path.slice(1) : undefined;
  if (path === folder) return '';
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined;
}

/** Without double slashes, `.` and a slash at the end; `..` goes up (never above the root), as the runtimes resolve it. */
export function cleanPath(path: string): string {
  const steps: string[] = [];
  for (const step of path.split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '' && step !== '.') steps.push(step);
  }
  return `/${steps.join('/')}`;
}

export function lastStep(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
