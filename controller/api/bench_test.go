package api_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/controller/api"
)

// vms is a reply of 500 virtual machines, about 600 bytes each.
func vms(b *testing.B) string {
	b.Helper()
	list := make([]map[string]any, 500)
	for i := range list {
		vm := map[string]any{"cpunumber": 4, "memory": 8192, "haenable": false, "nic": []map[string]string{{"ipaddress": "10.1.1.7"}}}
		for n := range 20 {
			vm[fmt.Sprintf("field%d", n)] = "some value & more"
		}
		list[i] = vm
	}
	text, err := json.Marshal(map[string]any{"count": len(list), "virtualmachine": list})
	if err != nil {
		b.Fatal(err)
	}
	return string(text)
}

// BenchmarkRequest is a signed request through the edge, without the network,
// the user's look-up and the command.
func BenchmarkRequest(b *testing.B) {
	userData := "userdata=" + strings.Repeat("abcdefghijklmnopqrstuvwxyz0123+/", 1<<20*4/3/32)
	list := vms(b)
	for name, test := range map[string]struct {
		calls       calls
		query, body string
	}{
		"small, JSON":                {calls{}, signed("command=listZones", "response=json", "signatureversion=3", "expires=2100-01-01T00:00:00Z", "keyword=a"), ""},
		"small, XML":                 {calls{}, signed("command=listZones"), ""},
		"small, last spelling":       {calls{}, "", clients["all differences"].form(tricky)},
		"1 MiB of user data by POST": {calls{}, "", signed("command=deployVirtualMachine", "response=json", userData)},
		"500 VMs, JSON":              {answering(list, nil), signed("command=listZones", "response=json"), ""},
		"500 VMs, XML":               {answering(list, nil), signed("command=listZones"), ""},
	} {
		b.Run(name, func(b *testing.B) {
			log := slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelInfo}))
			handler := api.New(api.Config{}, test.calls, users{}, log, func(string, int, time.Duration) {}).Handler()
			method := http.MethodGet
			if test.body != "" {
				method = http.MethodPost
			}
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest(method, "/client/api?"+test.query, strings.NewReader(test.body))
				r.Header.Set("Content-Type", formType)
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Body)
				}
			}
		})
	}
}
