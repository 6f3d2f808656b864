export { main as linearModels } from './linear-models/main.ts';
