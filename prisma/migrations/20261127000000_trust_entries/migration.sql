-- Accounts, and the CA certificates that each keeps with the trust that is put into them.

-- CreateEnum
CREATE TYPE "certificate_use" AS ENUM ('rootCA', 'intermediateCA');

-- CreateEnum
CREATE TYPE "trust_state" AS ENUM ('untrusted', 'trusted', 'expired');

-- CreateTable
CREATE TABLE "accounts" (
    "id" UUID NOT NULL,
    "name" TEXT COLLATE "C" NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "accounts_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "accounts_name_bounded" CHECK (octet_length("name") BETWEEN 1 AND 1024)
);

-- CreateTable
CREATE TABLE "trust_entries" (
    "keypair_id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "resource_version" TEXT COLLATE "C" NOT NULL,
    "certificate_use" "certificate_use" NOT NULL,
    "stated_self_signed" BOOLEAN NOT NULL,
    "desired_state" "trust_state" NOT NULL,
    "told_state" "trust_state" NOT NULL,
    "labels" JSONB NOT NULL,
    "text_sha256" BYTEA NOT NULL,

    CONSTRAINT "trust_entries_pkey" PRIMARY KEY ("keypair_id"),
    -- Nobody can want a certificate to be expired.
    CONSTRAINT "trust_entries_desired" CHECK ("desired_state" <> 'expired'),
    CONSTRAINT "trust_entries_labels_array" CHECK (jsonb_typeof("labels") = 'array'),
    CONSTRAINT "trust_entries_labels_texts" CHECK (NOT "labels" @? '$[*] ? (!(@.name.type() == "string" && @.value.type() == "string"))'),
    CONSTRAINT "trust_entries_digest_length" CHECK (octet_length("text_sha256") = 32)
);

-- CreateIndex
CREATE UNIQUE INDEX "accounts_name_key" ON "accounts"("name");

-- CreateIndex
CREATE INDEX "trust_entries_account_id_idx" ON "trust_entries"("account_id");

-- Pages of an account are in the order in which its certificates came, unless another one is asked for.
-- CreateIndex
CREATE INDEX "keypairs_account_created_at_id_idx" ON "keypairs"("scope", "created_at", "id") WHERE "realm" = 'astra';

-- AddForeignKey
ALTER TABLE "trust_entries" ADD CONSTRAINT "trust_entries_keypair_id_fkey" FOREIGN KEY ("keypair_id") REFERENCES "keypairs"("id") ON DELETE CASCADE ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "trust_entries" ADD CONSTRAINT "trust_entries_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- Astra's API shows the name of every certificate: one without would keep all of its account from being shown.
ALTER TABLE "keypairs" ADD CONSTRAINT "keypairs_astra_common_name" CHECK ("realm" <> 'astra' OR "common_name" IS NOT NULL);
