-- KEKs that take turns: who holds them, and no way to store anything under one that is retired.

-- AlterTable
ALTER TABLE "keks" ADD COLUMN "state_since" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN "superseded" BOOLEAN NOT NULL DEFAULT false,
-- By hand: generated, so that it can't say anything else than the state.
ADD COLUMN "usable" BOOLEAN NOT NULL GENERATED ALWAYS AS ("state" <> 'retired') STORED;

UPDATE "keks" SET "state_since" = "created_at";

-- AlterTable
ALTER TABLE "sealed_secrets" ADD COLUMN "kek_usable" BOOLEAN NOT NULL DEFAULT true;

-- CreateTable
CREATE TABLE "kek_holders" (
    "instance_id" UUID NOT NULL,
    "kek_id" UUID NOT NULL,
    "instance_name" TEXT COLLATE "C" NOT NULL,
    "seals" BOOLEAN NOT NULL,
    "seen_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "kek_holders_pkey" PRIMARY KEY ("instance_id","kek_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "keks_id_usable_key" ON "keks"("id", "usable");

-- CreateIndex
CREATE INDEX "kek_holders_kek_id_idx" ON "kek_holders"("kek_id");

-- DropForeignKey
ALTER TABLE "sealed_secrets" DROP CONSTRAINT "sealed_secrets_kek_id_fkey";

-- AddForeignKey
ALTER TABLE "sealed_secrets" ADD CONSTRAINT "sealed_secrets_kek_id_kek_usable_fkey" FOREIGN KEY ("kek_id", "kek_usable") REFERENCES "keks"("id", "usable") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "kek_holders" ADD CONSTRAINT "kek_holders_kek_id_fkey" FOREIGN KEY ("kek_id") REFERENCES "keks"("id") ON DELETE CASCADE ON UPDATE RESTRICT;

-- By hand: a secret is under a usable KEK. By this and the foreign key the database itself refuses to retire one that still wraps
-- something, and to store anything under one that is retired.
ALTER TABLE "sealed_secrets" ADD CONSTRAINT "sealed_secrets_kek_usable" CHECK ("kek_usable");
