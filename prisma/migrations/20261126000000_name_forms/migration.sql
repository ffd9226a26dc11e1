-- The names of a certificate as OpenSSL writes and hashes them, and its common name: a list shows them, and no read parses a certificate.
-- NULL where the row is older than the columns, or where OpenSSL refuses the name.

-- AlterTable
ALTER TABLE "keypairs" ADD COLUMN     "common_name" TEXT COLLATE "C",
ADD COLUMN     "subject_one_line" TEXT COLLATE "C",
ADD COLUMN     "issuer_one_line" TEXT COLLATE "C",
ADD COLUMN     "subject_hash" TEXT COLLATE "C",
ADD COLUMN     "issuer_hash" TEXT COLLATE "C";
