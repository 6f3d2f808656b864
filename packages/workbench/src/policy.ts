/**
 * The content security policy of the page. Nothing inline runs and nothing is loaded from elsewhere. KaTeX places its
 * glyphs by style attributes; the thread pool starts its workers from a blob; WebAssembly needs a word of its own.
 */
const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'",
  "worker-src 'self' blob:",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
];

/** As a header. */
export const policyHeader = [...POLICY, "frame-ancestors 'none'"].join('; ');

/** As an element of the page's head, which has no say in who frames it. */
export const policyElement = `<meta http-equiv="Content-Security-Policy" content="${POLICY.join('; ')}" />`;
