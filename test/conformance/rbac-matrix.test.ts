import { opensslPair } from '../support/openssl.ts';
import { startServer } from '../support/server.ts';
import { testMatrix } from './rbac-matrix.ts';

testMatrix(() => startServer(), opensslPair('matrix.example'));
