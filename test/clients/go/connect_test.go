// Package clients holds Certkeep to authentik's official Go client, against a server that runs already.
package clients

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"testing"

	api "goauthentik.io/api/v3"
)

// connect gives the client of the server that CERTKEEP_TEST_URL names, with every right.
func connect(t *testing.T) *api.APIClient {
	t.Helper()
	return connectWithToken(t, environment(t, "CERTKEEP_TEST_TOKEN"))
}

// connectWithToken gives a client that sends this token; none where it is empty.
func connectWithToken(t *testing.T, token string) *api.APIClient {
	t.Helper()
	configuration := api.NewConfiguration()
	configuration.Servers = api.ServerConfigurations{{URL: environment(t, "CERTKEEP_TEST_URL") + "/api/v3"}}
	if token != "" {
		configuration.AddDefaultHeader("Authorization", "Bearer "+token)
	}
	return api.NewAPIClient(configuration)
}

func environment(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("%s is not set: npm run test:go starts a server and sets it", name)
	}
	return value
}

// accepted takes what a request's Execute returns, and gives the answer that the client decoded.
func accepted[Answer any](answer Answer, _ *http.Response, err error) func(*testing.T) Answer {
	return func(t *testing.T) Answer {
		t.Helper()
		if err != nil {
			t.Fatalf("refused or not understood: %s", describe(err))
		}
		return answer
	}
}

// refused takes what a request's Execute returns, and gives the error that the client made of this status.
func refused[Answer any](_ Answer, response *http.Response, err error) func(*testing.T, int) *api.GenericOpenAPIError {
	return func(t *testing.T, status int) *api.GenericOpenAPIError {
		t.Helper()
		if response == nil || response.StatusCode != status {
			t.Fatalf("want status %d, got %+v with error %s", status, response, describe(err))
		}
		failure := asFailure(err)
		if failure == nil {
			t.Fatalf("want an error of the API, got %v", err)
		}
		return failure
	}
}

// asFailure gives the error that the client makes of an answer; nil where the error is another.
func asFailure(err error) *api.GenericOpenAPIError {
	var failure *api.GenericOpenAPIError
	errors.As(err, &failure)
	return failure
}

func describe(err error) string {
	if failure := asFailure(err); failure != nil {
		return fmt.Sprintf("%v: %s", err, failure.Body())
	}
	return fmt.Sprint(err)
}
