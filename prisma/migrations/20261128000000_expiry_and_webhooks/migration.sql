-- When the expiry of each stored certificate is told of, and what is to be sent about it. Servers of the version before this one know nothing of
-- these tables and keep serving: a trigger keeps the watch, whoever writes the keypair.

-- Before anything else, and before anybody who locks a row to write it next: what follows lets nobody write the table and then refers to its
-- rows, so that each would wait for the other. Whoever only reads goes on.
LOCK TABLE "keypairs" IN EXCLUSIVE MODE;

-- CreateTable
CREATE TABLE "expiry_watches" (
    "keypair_id" UUID NOT NULL,
    "fingerprint_sha256" TEXT COLLATE "C" NOT NULL,
    "since" TIMESTAMPTZ(6) NOT NULL,
    "next_at" TIMESTAMPTZ(3),

    CONSTRAINT "expiry_watches_pkey" PRIMARY KEY ("keypair_id")
);

-- CreateTable
CREATE TABLE "expiry_notices" (
    "keypair_id" UUID NOT NULL,
    "fingerprint_sha256" TEXT COLLATE "C" NOT NULL,
    "threshold" TEXT COLLATE "C" NOT NULL,
    "told_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "expiry_notices_pkey" PRIMARY KEY ("keypair_id", "fingerprint_sha256", "threshold"),
    CONSTRAINT "expiry_notices_threshold" CHECK ("threshold" IN ('30d', '14d', '7d', '3d', '1d', '0d', '10_percent'))
);

-- CreateEnum
CREATE TYPE "webhook_state" AS ENUM ('pending', 'delivered', 'failed');

-- CreateTable
CREATE TABLE "webhook_messages" (
    "id" UUID NOT NULL,
    "type" TEXT COLLATE "C" NOT NULL,
    "payload" TEXT NOT NULL,
    "state" "webhook_state" NOT NULL DEFAULT 'pending',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "next_attempt_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "settled_at" TIMESTAMPTZ(3),
    "last_error" TEXT,

    CONSTRAINT "webhook_messages_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "webhook_messages_settled" CHECK (("state" = 'pending') = ("settled_at" IS NULL)),
    CONSTRAINT "webhook_messages_error_bounded" CHECK (octet_length("last_error") <= 1024)
);

-- What has nothing more to tell is in no index.
-- CreateIndex
CREATE INDEX "expiry_watches_next_at_idx" ON "expiry_watches"("next_at") WHERE "next_at" IS NOT NULL;

-- CreateIndex
CREATE INDEX "webhook_messages_due_idx" ON "webhook_messages"("next_attempt_at") WHERE "state" = 'pending';

-- CreateIndex
CREATE INDEX "webhook_messages_settled_at_idx" ON "webhook_messages"("settled_at") WHERE "settled_at" IS NOT NULL;

-- The metrics count them each minute.
-- CreateIndex
CREATE INDEX "webhook_messages_failed_idx" ON "webhook_messages"("settled_at") WHERE "state" = 'failed';

-- The metrics show those that expire first, of all realms.
-- CreateIndex
CREATE INDEX "keypairs_not_after_idx" ON "keypairs"("not_after");

-- By hand: what authentik's conventions name once, such as what was discovered under a name, is stored once, however many processes find it.
CREATE UNIQUE INDEX "keypairs_realm_scope_managed_key" ON "keypairs"("realm", "scope", "managed") WHERE "managed" LIKE 'goauthentik.io/%';

-- AddForeignKey
ALTER TABLE "expiry_watches" ADD CONSTRAINT "expiry_watches_keypair_id_fkey" FOREIGN KEY ("keypair_id") REFERENCES "keypairs"("id") ON DELETE CASCADE ON UPDATE RESTRICT;

-- To the watch and not to the keypair: who tells holds the watch's row already, and waits for no writer of the keypair.
-- AddForeignKey
ALTER TABLE "expiry_notices" ADD CONSTRAINT "expiry_notices_keypair_id_fkey" FOREIGN KEY ("keypair_id") REFERENCES "expiry_watches"("keypair_id") ON DELETE CASCADE ON UPDATE RESTRICT;

-- 'epoch': its thresholds have not been looked at yet.
CREATE FUNCTION "watch_expiry"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO expiry_watches (keypair_id, fingerprint_sha256, since, next_at)
  VALUES (NEW.id, NEW.fingerprint_sha256, clock_timestamp(), 'epoch')
  ON CONFLICT (keypair_id) DO UPDATE
    SET fingerprint_sha256 = EXCLUDED.fingerprint_sha256, since = EXCLUDED.since, next_at = EXCLUDED.next_at;
  RETURN NULL;
END $$;

CREATE TRIGGER "keypairs_watch_expiry_of_new" AFTER INSERT ON "keypairs"
  FOR EACH ROW EXECUTE FUNCTION "watch_expiry"();

CREATE TRIGGER "keypairs_watch_expiry_of_renewed" AFTER UPDATE OF "fingerprint_sha256" ON "keypairs"
  FOR EACH ROW WHEN (OLD.fingerprint_sha256 IS DISTINCT FROM NEW.fingerprint_sha256) EXECUTE FUNCTION "watch_expiry"();

-- What was stored before is watched from now on: of the thresholds that it crossed already, the last one is told of, and not each.
INSERT INTO expiry_watches (keypair_id, fingerprint_sha256, since, next_at)
SELECT id, fingerprint_sha256, CURRENT_TIMESTAMP, 'epoch' FROM keypairs;
