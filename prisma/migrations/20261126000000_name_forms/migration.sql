-- The names of a certificate as OpenSSL writes and hashes them, and its common name: a list shows them, and no read parses a certificate.
-- NULL where the row is older than the columns, or where OpenSSL refuses the name.

-- AlterTable
ALTER TABLE "keypairs" ADD COLUMN     "common_name" TEXT COLLATE "C",
ADD COLUMN     "subject_one_line" TEXT COLLATE "C",
ADD COLUMN     "issuer_one_line" TEXT COLLATE "C",
ADD COLUMN     "subject_hash" TEXT COLLATE "C",
ADD COLUMN     "issuer_hash" TEXT COLLATE "C";

-- Pages of a container's certificates are in the order in which they came: the first 200 of 50,000 took some 200 ms without, and take 10.
-- Of this realm alone: the others have orders of their own, and their inserts would pay for it.
-- CreateIndex
CREATE INDEX "keypairs_scope_created_at_id_idx" ON "keypairs"("scope", "created_at", "id") WHERE "realm" = 'strata';
