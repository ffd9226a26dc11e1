package clients

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	api "goauthentik.io/api/v3"
)

// pair is a certificate and its key, made by Go's own library: nothing of Certkeep's made them.
type pair struct {
	certificate *x509.Certificate
	request     api.CertificateKeyPairRequest
}

func newECPair(t *testing.T, words string) pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return newPair(t, words, key, err)
}

func newEd25519Pair(t *testing.T, words string) pair {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	return newPair(t, words, key, err)
}

func newPair(t *testing.T, words string, key crypto.Signer, err error) pair {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 64))
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: words},
		NotBefore:    time.Now(),
		NotAfter:     time.Now().Add(30 * 24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	keyData := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))
	request := api.NewCertificateKeyPairRequest(
		fmt.Sprintf("%s %x", words, serial),
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
	)
	request.KeyData = &keyData
	return pair{certificate: certificate, request: *request}
}

// expectDescribed compares what the client decoded with the certificate that was sent.
func expectDescribed(t *testing.T, described *api.CertificateKeyPair, sent pair, keyType string) {
	t.Helper()
	for what, values := range map[string][2]any{
		"name":                  {described.Name, sent.request.Name},
		"private key available": {described.PrivateKeyAvailable, true},
		"key type":              {keyTypeOf(described), keyType},
		"SHA-256 fingerprint":   {*described.FingerprintSha256.Get(), colons(sha256.Sum256(sent.certificate.Raw))},
		"SHA-1 fingerprint":     {*described.FingerprintSha1.Get(), colons(sha1.Sum(sent.certificate.Raw))},
		"expiry":                {described.CertExpiry.Get().UTC(), sent.certificate.NotAfter.UTC()},
		"subject":               {*described.CertSubject.Get(), sent.certificate.Subject.String()},
		"managed":               {described.Managed.Get() == nil, true},
	} {
		if values[0] != values[1] {
			t.Errorf("%s: got %v, want %v", what, values[0], values[1])
		}
	}
}

func colons[Digest [32]byte | [20]byte](digest Digest) string {
	var pairs []string
	for index := range len(digest) {
		pairs = append(pairs, fmt.Sprintf("%02x", digest[index]))
	}
	return strings.Join(pairs, ":")
}
