package api

import (
	"context"
	"time"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// maxKey bounds the API key that is looked up; ours have 86 characters.
const maxKey = 255

// verified finds the caller who signed the request. Whatever is wrong with
// who asks or how it is signed, the answer is one sentence; the cause beneath
// it is for the operator.
func (e *Edge) verified(ctx context.Context, f *form) (access.Caller, error) {
	caller, err := e.signer(ctx, f)
	if fault.Is(err, fault.Unauthenticated) {
		err = fault.Wrap(fault.Unauthenticated, err, "unable to verify user credentials and/or request signature")
	}
	return caller, err
}

func (e *Edge) signer(ctx context.Context, f *form) (access.Caller, error) {
	apiKey, signature := f.get("apikey"), f.get("signature")
	if apiKey == "" || len(apiKey) > maxKey || signature == "" {
		return access.Caller{}, fault.New(fault.Unauthenticated, "the request is not signed")
	}
	if err := checkExpiry(f, time.Now()); err != nil {
		return access.Caller{}, err
	}
	caller, key, err := e.auth.Caller(ctx, apiKey)
	if err != nil {
		return access.Caller{}, err
	}
	if !verify(f, key, signature) {
		return access.Caller{}, fault.New(fault.Unauthenticated, "user %s did not sign this request", caller.UserID)
	}
	return caller, nil
}

// checkExpiry: a signature of version 3 is good until the moment that it
// covers, another one for ever.
func checkExpiry(f *form, now time.Time) error {
	if f.get("signatureversion") != "3" {
		return nil
	}
	expires, err := parseExpires(f.get("expires"))
	switch {
	case err != nil:
		return fault.New(fault.Unauthenticated, "a signature of version 3 needs a date in expires")
	case !now.Before(expires):
		return fault.New(fault.Unauthenticated, "the signature expired %s ago", now.Sub(expires).Round(time.Second))
	}
	return nil
}

// parseExpires reads the forms that clients send: an offset of Z, +05:30 or
// +0530, with or without a fraction of a second.
func parseExpires(text string) (time.Time, error) {
	expires, err := time.Parse(time.RFC3339, text)
	if err != nil {
		expires, err = time.Parse("2006-01-02T15:04:05Z0700", text)
	}
	return expires, err
}
