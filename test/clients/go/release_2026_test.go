//go:build !authentik2024

package clients

import (
	"testing"

	api "goauthentik.io/api/v3"
)

func cryptoOf(client *api.APIClient) *api.CryptoAPIService { return client.CryptoAPI }

func rootOf(client *api.APIClient) *api.RootAPIService { return client.RootAPI }

// keyTypeOf gives the type of the certificate's key, which this release shows.
func keyTypeOf(described *api.CertificateKeyPair) string { return string(*described.KeyType.Get()) }

func TestListFindsPairsOfAnyOfTheKeyTypes(t *testing.T) {
	t.Parallel()
	client := connect(t)
	sent := newEd25519Pair(t, "typed")
	accepted(cryptoOf(client).CryptoCertificatekeypairsCreate(t.Context()).CertificateKeyPairRequest(sent.request).Execute())(t)

	list := cryptoOf(client).CryptoCertificatekeypairsList(t.Context()).Name(sent.request.Name)
	for found, types := range map[int][]api.KeyTypeEnum{
		1: {api.KEYTYPEENUM_RSA, api.KEYTYPEENUM_ED25519},
		0: {api.KEYTYPEENUM_RSA, api.KEYTYPEENUM_EC},
	} {
		if results := accepted(list.KeyType(types).Execute())(t).Results; len(results) != found {
			t.Errorf("want %d of %v, got %+v", found, types, results)
		}
	}
}
