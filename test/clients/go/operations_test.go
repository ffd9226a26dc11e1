package clients

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	api "goauthentik.io/api/v3"
)

// store creates the pair and gives its id.
func store(t *testing.T, client *api.APIClient, sent pair) string {
	t.Helper()
	return accepted(cryptoOf(client).CryptoCertificatekeypairsCreate(t.Context()).CertificateKeyPairRequest(sent.request).Execute())(t).Pk
}

// view gives the stored texts of the certificate and the key.
func view(t *testing.T, client *api.APIClient, id string) (certificate, key string) {
	t.Helper()
	certificate = accepted(cryptoOf(client).CryptoCertificatekeypairsViewCertificateRetrieve(t.Context(), id).Execute())(t).Data
	key = accepted(cryptoOf(client).CryptoCertificatekeypairsViewPrivateKeyRetrieve(t.Context(), id).Execute())(t).Data
	return certificate, key
}

func expectStored(t *testing.T, client *api.APIClient, id string, sent pair) {
	t.Helper()
	certificate, key := view(t, client, id)
	if certificate != strings.TrimSpace(sent.request.CertificateData) {
		t.Errorf("want the certificate that was sent, got %q", certificate)
	}
	if key != strings.TrimSpace(*sent.request.KeyData) {
		t.Error("want the key that was sent, got another text")
	}
}

func TestCreateDescribesThePair(t *testing.T) {
	t.Parallel()
	sent := newECPair(t, "created")
	create := cryptoOf(connect(t)).CryptoCertificatekeypairsCreate(t.Context())
	expectDescribed(t, accepted(create.CertificateKeyPairRequest(sent.request).Execute())(t), sent, "ec")
}

func TestRetrieveDescribesThePair(t *testing.T) {
	t.Parallel()
	client, sent := connect(t), newEd25519Pair(t, "retrieved")
	id := store(t, client, sent)
	retrieved := accepted(cryptoOf(client).CryptoCertificatekeypairsRetrieve(t.Context(), id).Execute())(t)
	expectDescribed(t, retrieved, sent, "ed25519")
}

func TestViewsGiveBackWhatWasSent(t *testing.T) {
	t.Parallel()
	client, sent := connect(t), newECPair(t, "viewed")
	expectStored(t, client, store(t, client, sent), sent)
}

func TestUpdateReplacesThePair(t *testing.T) {
	t.Parallel()
	client := connect(t)
	id, sent := store(t, client, newECPair(t, "before update")), newEd25519Pair(t, "after update")
	update := cryptoOf(client).CryptoCertificatekeypairsUpdate(t.Context(), id).CertificateKeyPairRequest(sent.request)
	expectDescribed(t, accepted(update.Execute())(t), sent, "ed25519")
	expectStored(t, client, id, sent)
}

func TestUpdateWithoutAKeyKeepsTheKey(t *testing.T) {
	t.Parallel()
	client, sent := connect(t), newECPair(t, "key kept")
	id := store(t, client, sent)
	request := sent.request
	request.KeyData = nil
	accepted(cryptoOf(client).CryptoCertificatekeypairsUpdate(t.Context(), id).CertificateKeyPairRequest(request).Execute())(t)
	expectStored(t, client, id, sent)
}

func TestPartialUpdateRenamesAndLeavesTheRest(t *testing.T) {
	t.Parallel()
	client, sent := connect(t), newECPair(t, "before renaming")
	id := store(t, client, sent)
	sent.request.Name += " renamed"
	patch := api.PatchedCertificateKeyPairRequest{Name: &sent.request.Name}
	update := cryptoOf(client).CryptoCertificatekeypairsPartialUpdate(t.Context(), id)
	expectDescribed(t, accepted(update.PatchedCertificateKeyPairRequest(patch).Execute())(t), sent, "ec")
	expectStored(t, client, id, sent)
}

// The Terraform data source asks so, and takes the first result.
func TestListByNameFindsThePair(t *testing.T) {
	t.Parallel()
	client, sent := connect(t), newECPair(t, "listed")
	store(t, client, newECPair(t, "listed too"))
	store(t, client, sent)
	list := accepted(cryptoOf(client).CryptoCertificatekeypairsList(t.Context()).Name(sent.request.Name).Execute())(t)
	if len(list.Results) != 1 || list.Pagination.Count != 1 {
		t.Fatalf("want one pair, got %+v", list)
	}
	expectDescribed(t, &list.Results[0], sent, "ec")
}

func TestListGoesThroughAllPagesOfPairsWithAKeyInOrder(t *testing.T) {
	t.Parallel()
	client, family := connect(t), newECPair(t, "paged")
	var stored, seen []string
	for number := range 3 {
		member := family
		member.request.Name = fmt.Sprintf("%s %d", family.request.Name, number)
		stored = append(stored, store(t, client, member))
	}
	keyless := family
	keyless.request.KeyData = nil
	store(t, client, keyless)
	list := cryptoOf(client).CryptoCertificatekeypairsList(t.Context()).Search(family.request.Name)
	for page := int32(1); page != 0; {
		found := accepted(list.HasKey(true).Ordering("name").PageSize(2).Page(page).Execute())(t)
		for _, described := range found.Results {
			seen = append(seen, described.Pk)
		}
		page = int32(found.Pagination.Next)
	}
	if strings.Join(seen, " ") != strings.Join(stored, " ") {
		t.Errorf("want %v, got %v", stored, seen)
	}
}

func TestUsedByIsEmpty(t *testing.T) {
	t.Parallel()
	client := connect(t)
	id := store(t, client, newECPair(t, "unused"))
	if users := accepted(cryptoOf(client).CryptoCertificatekeypairsUsedByList(t.Context(), id).Execute())(t); len(users) != 0 {
		t.Errorf("want no users, got %+v", users)
	}
}

func TestDestroyRemovesThePair(t *testing.T) {
	t.Parallel()
	client := connect(t)
	id := store(t, client, newECPair(t, "destroyed"))
	response, err := cryptoOf(client).CryptoCertificatekeypairsDestroy(t.Context(), id).Execute()
	if err != nil || response.StatusCode != 204 {
		t.Fatalf("want 204, got %+v with error %s", response, describe(err))
	}
	refused(cryptoOf(client).CryptoCertificatekeypairsRetrieve(t.Context(), id).Execute())(t, 404)
	if response, err := cryptoOf(client).CryptoCertificatekeypairsDestroy(t.Context(), id).Execute(); err == nil || response.StatusCode != 404 {
		t.Errorf("want 404 for a second time, got %+v", response)
	}
}

func TestGenerateMakesEachOfTheClientsAlgorithms(t *testing.T) {
	t.Parallel()
	types := map[api.AlgEnum]string{"rsa": "rsa", "ecdsa": "ec", "ed25519": "ed25519", "ed448": "ed448"}
	for _, algorithm := range api.AllowedAlgEnumEnumValues {
		t.Run(string(algorithm), func(t *testing.T) {
			t.Parallel()
			client := connect(t)
			request := api.NewCertificateGenerationRequest(newECPair(t, "generated").request.Name, 42)
			request.Alg = &algorithm
			names := "a.example,b.example"
			request.SubjectAltName = &names
			described := accepted(cryptoOf(client).CryptoCertificatekeypairsGenerateCreate(t.Context()).CertificateGenerationRequest(*request).Execute())(t)
			if keyTypeOf(described) != types[algorithm] || described.Name != request.CommonName {
				t.Errorf("want %s named %q, got %+v", types[algorithm], request.CommonName, described)
			}
			expectGenerated(t, client, described, algorithm)
		})
	}
}

func expectGenerated(t *testing.T, client *api.APIClient, described *api.CertificateKeyPair, algorithm api.AlgEnum) {
	t.Helper()
	text, key := view(t, client, described.Pk)
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		t.Fatalf("want PEM, got %q", text)
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(certificate.DNSNames, ",") != "a.example,b.example" {
		t.Errorf("want two names, got %v", certificate.DNSNames)
	}
	if days := time.Until(certificate.NotAfter).Hours() / 24; math.Abs(days-42) > 0.1 {
		t.Errorf("want 42 days, got %f", days)
	}
	if algorithm == "ed448" {
		return // Go's library has no Ed448.
	}
	if _, err := tls.X509KeyPair([]byte(text), []byte(key)); err != nil {
		t.Errorf("the key is not the certificate's: %v", err)
	}
}

func TestRootConfigSwitchesErrorReportingOff(t *testing.T) {
	t.Parallel()
	config := accepted(rootOf(connectWithToken(t, "")).RootConfigRetrieve(t.Context()).Execute())(t)
	if config.ErrorReporting.Enabled || config.CacheTimeout != 300 {
		t.Errorf("want no error reporting, got %+v", config)
	}
}
