export {
  type CertificateFacts,
  describeCertificate,
  type LoadedCertificate,
  loadCertificate,
  loadCertificateDer,
} from './certificate.ts';
export {
  type Chain,
  type ChainCertificate,
  certificateBlocks,
  chainOfOne,
  describeChain,
  type ReadableCertificate,
  type UnreadableCertificate,
} from './chain.ts';
export { readCommonName } from './common-name.ts';
export {
  BeyondLimits,
  CannotExport,
  CannotIssue,
  type IssuingErrorCode,
  NotACertificate,
  NotACertificateRequest,
  NotAName,
  NotAPkcs12,
  NotAPrivateKey,
  WrongPassphrase,
  X509Error,
  type X509ErrorCode,
} from './errors.ts';
export { readCertificates, writeCertificates } from './formats/certificate-blocks.ts';
export { decryptPrivateKey } from './formats/decrypt-private-key.ts';
export { exportPrivateKey, type PrivateKeyExport, type PrivateKeyFormat } from './formats/export-private-key.ts';
export { toPkcs8 } from './formats/pkcs8.ts';
export { isEncryptedPrivateKey, privateKeyBlocks } from './formats/private-key-blocks.ts';
export { loadPrivateKeyDer, writePrivateKey } from './formats/private-key-der.ts';
export { isStrictPem } from './formats/strict-pem.ts';
export type { NewSubjectAltNames } from './issuing/alternative-names.ts';
export { type IssuedKeypair, issueAuthentikProfile } from './issuing/authentik-profile.ts';
export { type AuthentikRequest, checkAuthentikRequest } from './issuing/authentik-request.ts';
export { type CertificateAuthority, openAuthority } from './issuing/certificate-authority.ts';
export { isDnsName, isEmailAddress, isUri } from './issuing/general-name-syntax.ts';
export { parseIpAddress } from './issuing/ip-text.ts';
export { issueCertificate } from './issuing/issue-certificate.ts';
export { type GeneratedKeyPair, generateKeyPair, type KeyAlgorithm } from './issuing/key-generation.ts';
export { describeKey, type KeyDescription, type KeySpec } from './issuing/key-spec.ts';
export type { KeyUsage } from './issuing/key-usages.ts';
export type { NewAttribute, NewName } from './issuing/names.ts';
export { checkNewCertificate, type NewCertificate } from './issuing/new-certificate.ts';
export { checkSelfSignedRequest, issueSelfSignedProfile } from './issuing/self-signed-profile.ts';
export type { Digest, RsaPadding, SignatureChoice } from './issuing/signature-methods.ts';
export { LIMITS, type Limit, wordLimit } from './limits.ts';
export { type NameForms, readNameForms } from './name-forms.ts';
export { openPrivateKey } from './open-private-key.ts';
export { hashName } from './openssl-name/name-hash.ts';
export { formatOneLine } from './openssl-name/one-line.ts';
export { orderForKey } from './order-for-key.ts';
export type { Pkcs12Content } from './pkcs12/content.ts';
export { readPkcs12 } from './pkcs12/read.ts';
export { type Pkcs12Options, writePkcs12 } from './pkcs12/write.ts';
export { holdsOnlyCertificates } from './plain-certificates.ts';
export { belongTogether, loadPrivateKey } from './private-key.ts';
export { containsPrivateKey } from './private-key-presence.ts';
export type { KeyType, LoadedPrivateKey } from './private-key-structure.ts';
export type { PublicKeyType } from './public-key.ts';
export {
  type CertificateRequestFacts,
  type LoadedCertificateRequest,
  readCertificateRequest,
} from './request/certificate-request.ts';
export { makeCertificateRequest, type NewCertificateRequest } from './request/make-certificate-request.ts';
export { requestRenewal } from './request/renewal-request.ts';
export { type KeySize, securityStrength } from './security-strength.ts';
export type { SubjectAltNames } from './subject-alt-names.ts';
export { openX509Worker, type WorkerFailure, WorkerUnavailable, type X509Worker } from './worker/index.ts';
