export { type BackupReport, type BackupRequest, type Backups, type BackupsOptions, backups } from './backups.ts';
export { BackupError, type BackupErrorCode } from './errors.ts';
export { type RestoreReport, type RestoreRequest, restore, type VerifiedBackup } from './restore.ts';
export { type RestoreTarget, type RestoreTargetOptions, restoreTarget } from './restore-target.ts';
