/** An icon's file, which esbuild bundles as text. */
declare module '*.svg' {
  const text: string;
  export default text;
}
