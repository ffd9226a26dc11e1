-- Tokens are searched in and ordered by their description: no answer may depend on the locale of the database.

-- AlterTable
ALTER TABLE "tokens" ALTER COLUMN "description" SET DATA TYPE TEXT COLLATE "C";
