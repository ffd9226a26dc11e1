-- By hand: the few pairs that are managed. A list subtracts from the count of all those that its dialect does not show.
CREATE INDEX "keypairs_realm_scope_managed_idx" ON "keypairs"("realm", "scope", "managed") WHERE "managed" IS NOT NULL;
