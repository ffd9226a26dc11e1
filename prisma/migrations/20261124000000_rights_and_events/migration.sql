-- What a token may do, and what was done.

-- CreateEnum
CREATE TYPE "permission" AS ENUM ('view_certificatekeypair', 'add_certificatekeypair', 'change_certificatekeypair', 'delete_certificatekeypair', 'view_certificatekeypair_certificate', 'view_certificatekeypair_key', 'view_event', 'view_token', 'add_token', 'change_token', 'delete_token');

-- AlterTable
ALTER TABLE "principals" ADD COLUMN "number" SERIAL NOT NULL;

-- AlterTable
ALTER TABLE "tokens" ADD COLUMN "identifier" TEXT COLLATE "C",
ADD COLUMN "is_superuser" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN "permissions" "permission"[],
ADD COLUMN "reach" TEXT[],
ADD COLUMN "last_used_at" TIMESTAMPTZ(6);

-- By hand: rights move from the principal to its tokens. What was there keeps what it had, and has an identifier from now on.
UPDATE "tokens" SET
  "identifier" = CASE WHEN "id" = '6f6f7473-7472-4170-8000-000000000002' THEN 'bootstrap' ELSE "id"::text END,
  "is_superuser" = (SELECT p."is_superuser" FROM "principals" p WHERE p."id" = "tokens"."principal_id"),
  "permissions" = '{}',
  "reach" = '{authentik,strata,astra}';

-- AlterTable
ALTER TABLE "tokens" ALTER COLUMN "identifier" SET NOT NULL;
ALTER TABLE "principals" DROP COLUMN "is_superuser";

-- CreateTable
CREATE TABLE "object_grants" (
    "token_id" UUID NOT NULL,
    "permission" "permission" NOT NULL,
    "keypair_id" UUID NOT NULL,

    CONSTRAINT "object_grants_pkey" PRIMARY KEY ("token_id","permission","keypair_id")
);

-- CreateTable
CREATE TABLE "events" (
    "id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "action" TEXT COLLATE "C" NOT NULL,
    "app" TEXT COLLATE "C" NOT NULL,
    "principal_id" UUID,
    "username" TEXT COLLATE "C",
    "token_id" UUID,
    "client_address" TEXT COLLATE "C",
    "request_id" TEXT COLLATE "C",
    "model_app" TEXT COLLATE "C",
    "model_name" TEXT COLLATE "C",
    "model_pk" TEXT COLLATE "C",
    "context" TEXT NOT NULL,
    "mac_key_id" TEXT COLLATE "C" NOT NULL,
    "mac" BYTEA NOT NULL,

    CONSTRAINT "events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "unsealed_events" (
    "event_id" UUID NOT NULL,

    CONSTRAINT "unsealed_events_pkey" PRIMARY KEY ("event_id")
);

-- CreateTable
CREATE TABLE "event_batches" (
    "number" BIGINT NOT NULL,
    "previous_mac" BYTEA NOT NULL,
    "event_count" INTEGER NOT NULL,
    "digest" BYTEA NOT NULL,
    "mac_key_id" TEXT COLLATE "C" NOT NULL,
    "mac" BYTEA NOT NULL,
    "sealed_at" TIMESTAMPTZ(3) NOT NULL,
    "newest_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "event_batches_pkey" PRIMARY KEY ("number")
);

-- CreateTable
CREATE TABLE "event_batch_members" (
    "event_id" UUID NOT NULL,
    "batch_number" BIGINT NOT NULL,

    CONSTRAINT "event_batch_members_pkey" PRIMARY KEY ("event_id")
);

-- CreateTable
CREATE TABLE "event_batch_drops" (
    "batch_number" BIGINT NOT NULL,
    "dropped_at" TIMESTAMPTZ(3) NOT NULL,
    "mac_key_id" TEXT COLLATE "C" NOT NULL,
    "mac" BYTEA NOT NULL,

    CONSTRAINT "event_batch_drops_pkey" PRIMARY KEY ("batch_number")
);

-- CreateTable
CREATE TABLE "leases" (
    "name" TEXT COLLATE "C" NOT NULL,
    "holder" UUID NOT NULL,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "leases_pkey" PRIMARY KEY ("name")
);

-- CreateIndex
CREATE UNIQUE INDEX "principals_number_key" ON "principals"("number");

-- CreateIndex
CREATE UNIQUE INDEX "tokens_identifier_key" ON "tokens"("identifier");

-- CreateIndex
CREATE INDEX "object_grants_keypair_id_idx" ON "object_grants"("keypair_id");

-- CreateIndex
CREATE INDEX "events_created_at_id_idx" ON "events"("created_at" DESC, "id");

-- CreateIndex
CREATE INDEX "events_model_pk_created_at_idx" ON "events"("model_pk", "created_at" DESC);

-- CreateIndex
CREATE INDEX "events_username_created_at_idx" ON "events"("username", "created_at" DESC);

-- CreateIndex
CREATE INDEX "event_batch_members_batch_number_idx" ON "event_batch_members"("batch_number");

-- AddForeignKey
ALTER TABLE "object_grants" ADD CONSTRAINT "object_grants_token_id_fkey" FOREIGN KEY ("token_id") REFERENCES "tokens"("id") ON DELETE CASCADE ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "object_grants" ADD CONSTRAINT "object_grants_keypair_id_fkey" FOREIGN KEY ("keypair_id") REFERENCES "keypairs"("id") ON DELETE CASCADE ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "event_batch_members" ADD CONSTRAINT "event_batch_members_batch_number_fkey" FOREIGN KEY ("batch_number") REFERENCES "event_batches"("number") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "event_batch_drops" ADD CONSTRAINT "event_batch_drops_batch_number_fkey" FOREIGN KEY ("batch_number") REFERENCES "event_batches"("number") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- By hand: what the code promises of a row, held by the database too.
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_identifier_bounded" CHECK (octet_length("identifier") BETWEEN 1 AND 255);
ALTER TABLE "events" ADD CONSTRAINT "events_mac_length" CHECK (octet_length("mac") = 32);
ALTER TABLE "event_batches" ADD CONSTRAINT "event_batches_lengths" CHECK (octet_length("previous_mac") = 32 AND octet_length("digest") = 32 AND octet_length("mac") = 32 AND "number" > 0 AND "event_count" > 0);
ALTER TABLE "event_batch_drops" ADD CONSTRAINT "event_batch_drops_mac_length" CHECK (octet_length("mac") = 32);
