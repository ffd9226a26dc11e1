//go:build authentik2024

package clients

import (
	"testing"

	api "goauthentik.io/api/v3"
)

func cryptoOf(client *api.APIClient) *api.CryptoApiService { return client.CryptoApi }

func rootOf(client *api.APIClient) *api.RootApiService { return client.RootApi }

// keyTypeOf gives the type of the private key, which this release shows.
func keyTypeOf(described *api.CertificateKeyPair) string { return *described.PrivateKeyType.Get() }

func TestListWithoutDetailsLeavesOutWhatTheCertificateSays(t *testing.T) {
	t.Parallel()
	client := connect(t)
	sent := newECPair(t, "without details")
	accepted(cryptoOf(client).CryptoCertificatekeypairsCreate(t.Context()).CertificateKeyPairRequest(sent.request).Execute())(t)

	list := cryptoOf(client).CryptoCertificatekeypairsList(t.Context()).Name(sent.request.Name)
	detailed := accepted(list.IncludeDetails(true).Execute())(t).Results
	expectDescribed(t, &detailed[0], sent, "ec")
	bare := accepted(list.IncludeDetails(false).Execute())(t).Results[0]
	if bare.Name != sent.request.Name || bare.CertExpiry.Get() != nil || bare.PrivateKeyType.Get() != nil {
		t.Errorf("want the name and no details, got %+v", bare)
	}
}
