export { bytesInMemory, type FieldRead, type FileBytes, Message, type Span, varintAt, WIRE } from './read.ts';
export { bytesField, floatField, floatsField, intField, intsField, joinBytes, message } from './write.ts';
