package script

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/cairn-kvm/cairn/controller"
)

// reply is what the API answered.
type reply struct {
	status int
	body   []byte
}

// request signs and sends a command as the user.
func (c *cloud) request(ctx context.Context, keys controller.RootKeys, params map[string]string) (reply, error) {
	form := url.Values{"response": {"json"}, "apiKey": {keys.APIKey.Reveal()}}
	for name, value := range params {
		form.Set(name, value)
	}
	form.Set("signature", sign(form, keys.SecretKey.Reveal()))
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+c.cfg.API.Listen+"/client/api", strings.NewReader(form.Encode()))
	if err != nil {
		return reply{}, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := c.client.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = response.Body.Close() }() // it was read to its end
	body, err := io.ReadAll(response.Body)
	return reply{response.StatusCode, body}, err
}

func sign(form url.Values, key string) string {
	var pairs []string
	for name := range form {
		value := strings.ReplaceAll(url.QueryEscape(form.Get(name)), "+", "%20")
		pairs = append(pairs, strings.ToLower(name+"="+value))
	}
	slices.Sort(pairs)
	mac := hmac.New(sha1.New, []byte(key))
	mac.Write([]byte(strings.Join(pairs, "&")))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// lookup follows a path (a.0.b) below the reply's one envelope.
func lookup(body []byte, path string) (string, error) {
	var envelope map[string]any
	if err := json.Unmarshal(body, &envelope); err != nil {
		return "", err
	}
	if len(envelope) != 1 {
		return "", fmt.Errorf("a reply with %d keys", len(envelope))
	}
	var at any
	for _, inner := range envelope {
		at = inner
	}
	for step := range strings.SplitSeq(path, ".") {
		switch here := at.(type) {
		case map[string]any:
			at = here[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(here) {
				return "", fmt.Errorf("no %q among %d members", step, len(here))
			}
			at = here[i]
		default:
			return "", fmt.Errorf("nothing at %q of %s", step, path)
		}
	}
	if at == nil {
		return "", fmt.Errorf("nothing at %s", path)
	}
	if number, is := at.(float64); is {
		return strconv.FormatFloat(number, 'f', -1, 64), nil
	}
	return fmt.Sprint(at), nil
}
