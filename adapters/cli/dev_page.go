package cli

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/url"
	"strings"
	"text/template"

	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/ports"
)

// devPage is what a person is shown when the development server is ready.
type devPage struct {
	state devState
	data  devData
	addr  string
	first bool // the password was made by this start
	own   bool // no other configuration file is in use
}

const devText = `
Development server: http, demo accounts. Never expose it.

  Issuer     {{.Issuer}}
  Metadata   {{.Ends.Metadata}}
  Data       {{.Data}}   (all of this as JSON: {{.JSON}})
  User       {{.User.Username}}{{if .First}}   password: {{.User.Password}}   (shown this once; it stays in {{.JSON}}){{else}}   password: see {{.JSON}}{{end}}
  Clients    demo-web (confidential), demo-native (public), demo-machine (client credentials),
             demo-device (device flow)

A first token, for a machine:

  curl -s -u '{{.Machine.ID}}:{{.Machine.Secret}}' -d grant_type=client_credentials {{if .Scope}}-d scope={{.Scope}} {{end}}{{.Ends.Token}}
{{if .Ends.Authorize}}
A token for {{.User.Username}}: open this, sign in and allow. The browser ends at an address where nothing is served; copy code from it within a minute.

  {{.Authorize}}

  curl -s -d grant_type=authorization_code -d client_id={{.Native.ID}} -d redirect_uri={{.Redirect}} -d code_verifier={{.Verifier}} {{.Ends.Token}} -d code=CODE
{{end}}{{if .Ends.Device}}
A token for a device: ask, open verification_uri_complete of the answer and allow, then fetch it with the answer's device_code.

  curl -s -d client_id={{.Device.ID}} {{if .DeviceScope}}-d scope={{.DeviceScope}} {{end}}{{.Ends.Device}}

  curl -s -d grant_type={{.DeviceType}} -d client_id={{.Device.ID}} {{.Ends.Token}} -d device_code=CODE
{{end}}
Ctrl-C stops the server; the data is kept. To begin anew, stop it and delete {{.Data}}.
Next, in another terminal: {{.Again}} client create{{if .Config}} -c {{.Config}}{{end}}
A token of {{.User.Username}}'s own: {{.Again}} token create{{if .Config}} -c {{.Config}}{{end}} --user {{.User.Username}} --name laptop
`

// write writes the page. Each page has its own PKCE verifier and state, drawn apart: the state is seen by everybody who sees the
// address, and the verifier by nobody.
func (p devPage) write(w io.Writer, again string, ends devEndpoints, r ports.Random) error {
	verifier, state := base64.RawURLEncoding.EncodeToString(r.Bytes(32)), base64.RawURLEncoding.EncodeToString(r.Bytes(6))
	machine, native, device := p.state.Clients[demoMachine], p.state.Clients[demoNative], p.state.Clients[demoDevice]
	config := ""
	if p.own {
		config = p.data.path(configFile)
	}
	return template.Must(template.New("dev").Parse(devText)).Execute(w, map[string]any{
		"Issuer": p.state.Issuer, "Ends": ends, "Data": string(p.data), "JSON": p.data.path(readyFile),
		"User": p.state.User, "First": p.first, "Machine": machine, "Native": native, "Again": again, "Config": config,
		"Scope": firstOf(machine.Scopes), "Redirect": firstOf(native.RedirectURIs), "Verifier": verifier,
		"Authorize": authorizeURL(ends.Authorize, native, verifier, state),
		"Device":    device, "DeviceScope": firstOf(device.Scopes), "DeviceType": grant.DeviceType,
	})
}

// authorizeURL is an authorization request of the native client, ready to be opened.
func authorizeURL(endpoint string, c devClient, verifier, state string) string {
	sum := sha256.Sum256([]byte(verifier))
	q := url.Values{
		"response_type": {"code"}, "client_id": {c.ID}, "redirect_uri": {firstOf(c.RedirectURIs)}, "state": {state},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
	if len(c.Scopes) > 0 {
		q.Set("scope", strings.Join(c.Scopes, " "))
	}
	return endpoint + "?" + q.Encode()
}

func firstOf(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}
