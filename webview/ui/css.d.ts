/** A style.css that esbuild bundles to dist/webview/<panel>.css. */
declare module '*.css';
