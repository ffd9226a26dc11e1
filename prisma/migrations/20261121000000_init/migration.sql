-- Generated from schema.prisma, then completed by hand with what Prisma can't express: each such part says so.
--
-- COLLATE "C" on every text that is ordered by or searched in: no answer may depend on the locale of the database.

-- CreateEnum
CREATE TYPE "realm" AS ENUM ('authentik', 'strata', 'astra');

-- CreateEnum
CREATE TYPE "key_type" AS ENUM ('dh', 'dsa', 'ec', 'ed25519', 'ed448', 'rsa', 'x25519', 'x448');

-- CreateEnum
CREATE TYPE "secret_purpose" AS ENUM ('certificate_data', 'private_key');

-- CreateEnum
CREATE TYPE "kek_state" AS ENUM ('openable', 'sealing', 'retired');

-- CreateTable
CREATE TABLE "keypairs" (
    "id" UUID NOT NULL,
    "realm" "realm" NOT NULL,
    "scope" TEXT COLLATE "C" NOT NULL DEFAULT '',
    "name" TEXT COLLATE "C" NOT NULL,
    "name_folded" TEXT COLLATE "C" NOT NULL,
    "managed" TEXT COLLATE "C",
    "revision" INTEGER NOT NULL DEFAULT 1,
    "certificate_data" TEXT,
    "certificate_data_seal_revision" INTEGER,
    "certificate_holds_key" BOOLEAN NOT NULL,
    "private_key_seal_revision" INTEGER,
    "subject" TEXT COLLATE "C" NOT NULL,
    "subject_der" BYTEA NOT NULL,
    "issuer" TEXT COLLATE "C" NOT NULL,
    "issuer_der" BYTEA NOT NULL,
    "serial_number" TEXT NOT NULL,
    "not_before" TIMESTAMPTZ(0) NOT NULL,
    "not_after" TIMESTAMPTZ(0) NOT NULL,
    "fingerprint_sha256" TEXT COLLATE "C" NOT NULL,
    "fingerprint_sha1" TEXT COLLATE "C" NOT NULL,
    "signature_algorithm" TEXT NOT NULL,
    "key_type" "key_type",
    "key_size" INTEGER,
    "curve" TEXT,
    "private_key_type" "key_type",
    "public_key_digest" TEXT NOT NULL,
    "private_key_digest" TEXT,
    "subject_alt_names" JSONB NOT NULL,
    "is_ca" BOOLEAN NOT NULL,
    "path_length" INTEGER,
    "self_signed" BOOLEAN NOT NULL,
    "subject_key_id" TEXT,
    "authority_key_id" TEXT,
    "signer_id" UUID,
    "private_key_exportable" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" UUID NOT NULL,
    "updated_by" UUID NOT NULL,

    CONSTRAINT "keypairs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sealed_secrets" (
    "keypair_id" UUID NOT NULL,
    "purpose" "secret_purpose" NOT NULL,
    "revision" INTEGER NOT NULL,
    "format_version" SMALLINT NOT NULL,
    "kek_id" UUID NOT NULL,
    "wrap_nonce" BYTEA NOT NULL,
    "wrapped_key" BYTEA NOT NULL,
    "nonce" BYTEA NOT NULL,
    "ciphertext" BYTEA NOT NULL,
    "tag" BYTEA NOT NULL,

    CONSTRAINT "sealed_secrets_pkey" PRIMARY KEY ("keypair_id","purpose")
);

-- CreateTable
CREATE TABLE "keks" (
    "id" UUID NOT NULL,
    "state" "kek_state" NOT NULL,
    "canary" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "keks_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "principals" (
    "id" UUID NOT NULL,
    "username" TEXT COLLATE "C" NOT NULL,
    "is_superuser" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "principals_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tokens" (
    "id" UUID NOT NULL,
    "principal_id" UUID NOT NULL,
    "hash" BYTEA NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(6),
    "revoked_at" TIMESTAMPTZ(6),

    CONSTRAINT "tokens_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "keypairs_realm_scope_not_after_idx" ON "keypairs"("realm", "scope", "not_after");

-- CreateIndex
CREATE INDEX "keypairs_signer_id_idx" ON "keypairs"("signer_id");

-- CreateIndex
CREATE INDEX "keypairs_private_key_digest_idx" ON "keypairs"("private_key_digest");

-- CreateIndex
CREATE INDEX "sealed_secrets_kek_id_idx" ON "sealed_secrets"("kek_id");

-- CreateIndex
CREATE UNIQUE INDEX "principals_username_key" ON "principals"("username");

-- CreateIndex
CREATE UNIQUE INDEX "tokens_hash_key" ON "tokens"("hash");

-- CreateIndex
CREATE INDEX "tokens_principal_id_idx" ON "tokens"("principal_id");

-- AddForeignKey
ALTER TABLE "keypairs" ADD CONSTRAINT "keypairs_signer_id_fkey" FOREIGN KEY ("signer_id") REFERENCES "keypairs"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "sealed_secrets" ADD CONSTRAINT "sealed_secrets_keypair_id_fkey" FOREIGN KEY ("keypair_id") REFERENCES "keypairs"("id") ON DELETE CASCADE ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "sealed_secrets" ADD CONSTRAINT "sealed_secrets_kek_id_fkey" FOREIGN KEY ("kek_id") REFERENCES "keks"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_principal_id_fkey" FOREIGN KEY ("principal_id") REFERENCES "principals"("id") ON DELETE CASCADE ON UPDATE RESTRICT;

-- By hand: names are unique where the realm's dialect says so. Astra's certificates have no names of their own.
CREATE UNIQUE INDEX "keypairs_realm_scope_name_key" ON "keypairs"("realm", "scope", "name") WHERE "realm" <> 'astra';

-- By hand: exactly one KEK seals. Two processes that both find an empty table can't both put theirs in.
CREATE UNIQUE INDEX "keks_one_sealing_key" ON "keks"("state") WHERE "state" = 'sealing';

-- By hand: what the code promises of a row, held by the database too.
-- A longer name fails in the index depending on how well it compresses; the bound makes that a rule.
ALTER TABLE "keypairs" ADD CONSTRAINT "keypairs_name_bounded" CHECK (octet_length("name") <= 2048);
-- A certificate text stands in clear or is sealed, never both, never neither.
ALTER TABLE "keypairs" ADD CONSTRAINT "keypairs_certificate_data_once" CHECK (("certificate_data" IS NULL) <> ("certificate_data_seal_revision" IS NULL));
ALTER TABLE "keypairs" ADD CONSTRAINT "keypairs_private_key_facts" CHECK ("private_key_seal_revision" IS NOT NULL OR ("private_key_type" IS NULL AND "private_key_digest" IS NULL));
ALTER TABLE "sealed_secrets" ADD CONSTRAINT "sealed_secrets_lengths" CHECK (octet_length("wrap_nonce") = 12 AND octet_length("wrapped_key") = 48 AND octet_length("nonce") = 12 AND octet_length("tag") = 16);
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_hash_length" CHECK (octet_length("hash") = 32);
