-- Without a default, so that no row is written again. What fills it can't be said in SQL: earlier rows stay NULL, "not described".
ALTER TABLE "keypairs" ADD COLUMN "chain" JSONB;

-- By hand: pg would send an array as one of PostgreSQL's own; what is stored is one object.
ALTER TABLE "keypairs" ADD CONSTRAINT "keypairs_chain_object" CHECK (jsonb_typeof("chain") = 'object');
