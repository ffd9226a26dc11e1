import { afterAll } from 'vitest';
import { flush } from './capture.ts';

// Vitest ends its workers without a word to them: what a test file's processes logged would not be searched.
afterAll(flush);
