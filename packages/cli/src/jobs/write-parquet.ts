export { writeParquet } from '@southwell/data/node';
