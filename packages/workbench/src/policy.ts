/**
 * The content security policy of the page. No inline scripts, and nothing is loaded from other origins. KaTeX positions
 * glyphs by style attributes; the thread pool starts its workers from a blob; WebAssembly needs its own directive.
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

/** As a meta element, in which frame-ancestors is not supported. */
export const policyElement = `<meta http-equiv="Content-Security-Policy" content="${POLICY.join('; ')}" />`;
