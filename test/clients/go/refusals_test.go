package clients

import (
	"encoding/json"
	"reflect"
	"testing"

	api "goauthentik.io/api/v3"
)

func TestARefusedBodyTellsOfEachField(t *testing.T) {
	t.Parallel()
	key := "no key"
	request := api.CertificateKeyPairRequest{Name: " ", CertificateData: "no certificate", KeyData: &key}
	create := cryptoOf(connect(t)).CryptoCertificatekeypairsCreate(t.Context()).CertificateKeyPairRequest(request)
	failure := refused(create.Execute())(t, 400)
	if _, understood := failure.Model().(api.ValidationError); !understood {
		t.Errorf("want a ValidationError, got %T", failure.Model())
	}
	expectBody(t, failure, map[string]any{
		"name":             []any{"This field may not be blank."},
		"certificate_data": []any{"Unable to load certificate."},
		"key_data":         []any{"Unable to load private key (possibly encrypted?)."},
	})
}

func TestATakenNameIsRefused(t *testing.T) {
	t.Parallel()
	client, sent := connect(t), newECPair(t, "taken")
	store(t, client, sent)
	create := cryptoOf(client).CryptoCertificatekeypairsCreate(t.Context()).CertificateKeyPairRequest(sent.request)
	expectBody(t, refused(create.Execute())(t, 400), map[string]any{
		"name": []any{"Certificate-Key Pair with this name already exists."},
	})
}

func TestACallerWithoutAValidTokenIsRefused(t *testing.T) {
	t.Parallel()
	for token, detail := range map[string]string{
		"":      "Authentication credentials were not provided.",
		"wrong": "Token invalid/expired",
	} {
		failure := refused(cryptoOf(connectWithToken(t, token)).CryptoCertificatekeypairsList(t.Context()).Execute())(t, 403)
		if model, understood := failure.Model().(api.GenericError); !understood || model.Detail != detail {
			t.Errorf("want %q, got %#v", detail, failure.Model())
		}
	}
}

func TestAPairThatThereIsNotIsNotFound(t *testing.T) {
	t.Parallel()
	unknown := "00000000-0000-4000-8000-000000000000"
	failure := refused(cryptoOf(connect(t)).CryptoCertificatekeypairsRetrieve(t.Context(), unknown).Execute())(t, 404)
	expectBody(t, failure, map[string]any{"detail": "No CertificateKeyPair matches the given query."})
}

func expectBody(t *testing.T, failure *api.GenericOpenAPIError, want map[string]any) {
	t.Helper()
	var got map[string]any
	if err := json.Unmarshal(failure.Body(), &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("want %v, got %s", want, failure.Body())
	}
}
