/** @file Errors about the model file: what it holds and where its bytes are. */
import { MorphError } from './morphError.js';
