export { addressIn, checkAddress } from './address.ts';
export { ARXIV, FieldError, parseField } from './arxiv.ts';
export { confirmationMail } from './confirmation.ts';
export { checkFamilies } from './families.ts';
export { homeFile } from './files.ts';
export { mailer } from './mail.ts';
export { checkRecipients, defaultSender, previewDigest, type RunOptions, type RunReport, runDigest } from './run.ts';
export { siteOf, webAddress } from './site.ts';
export { Subscribers } from './subscribers.ts';
