package e2e

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// operated is a server's environment, with metrics at an address of their own.
func operated(t *testing.T, addr, metrics string) []string {
	t.Helper()
	dir := t.TempDir()
	return []string{
		"PASSPORT_ISSUER=http://" + addr, "PASSPORT_ADDR=" + addr, "PASSPORT_DATABASE_URL=sqlite:" + filepath.Join(dir, "passport.db"),
		"PASSPORT_APP_KEY=b7Ye23ec29Kf22b0b4e41dQ31e868d572", "PASSPORT_KEYS_DIR=" + filepath.Join(dir, "keys"),
		"PASSPORT_SHUTDOWN_DELAY=0s", "PASSPORT_METRICS_ADDR=" + metrics,
	}
}

func TestMetricsAreServedToOperatorsAlone(t *testing.T) {
	t.Parallel()
	addr, metrics := freeAddr(t), freeAddr(t)
	env := operated(t, addr, metrics)
	if p := start(t, env, "install"); p.wait() != 0 {
		t.Fatalf("install: %s", p.err.String())
	}
	p := start(t, env, "serve")
	t.Cleanup(p.stop)
	await(t, func() bool { status, _ := get("http://" + addr + "/readyz"); return status == http.StatusOK }, p)
	if status, _ := get("http://" + addr + "/metrics"); status != http.StatusNotFound {
		t.Errorf("the port of everybody: got %d; want 404", status)
	}
	status, text := get("http://" + metrics + "/metrics")
	for _, line := range []string{
		`passport_http_request_duration_seconds_count{code="2xx",method="GET",route="/readyz"} `, `passport_http_request_duration_seconds_count{code="4xx",method="GET",route="none"} 1`,
		`passport_refusals_total{code="invalid_request",reason="not_found"} 1`, `passport_events_total{kind="replay.ended"} 0`, "passport_http_requests_in_flight 0",
		`passport_database_connections_max{pool="write"} 1`, "passport_commits_total 0", "passport_build_info{", "go_goroutines ", "process_start_time_seconds ",
	} {
		if status != http.StatusOK || !strings.Contains(text, "\n"+line) {
			t.Errorf("got %d without %s", status, line)
		}
	}
	if status, _ := get("http://" + metrics + "/readyz"); status != http.StatusNotFound {
		t.Errorf("the port of operators: got %d for /readyz; want 404", status)
	}
	other := start(t, append(env, "PASSPORT_ADDR="+freeAddr(t)), "serve")
	if code := other.wait(); code != 1 || !strings.Contains(other.err.String(), "metrics_addr") || !strings.Contains(other.err.String(), "in use") {
		t.Errorf("a second server at the same metrics_addr: got exit %d: %s", code, other.err.String())
	}
	p.stop()
	if status, _ := get("http://" + metrics + "/metrics"); status != 0 {
		t.Errorf("after the end: got %d", status)
	}
}

func TestAMetricsAddressThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	env := operated(t, freeAddr(t), "9090")
	for _, args := range [][]string{{"config", "validate"}, {"serve"}} {
		p := start(t, env, args...)
		if code := p.wait(); code != 6 || !strings.Contains(p.err.String(), `metrics_addr "9090" is not host:port`) {
			t.Errorf("%s: got exit %d: %s; want 6 and what is wrong", args, code, p.err.String())
		}
	}
}

// get returns a status and a body; 0 where nobody answers.
func get(url string) (int, string) {
	res, err := http.Get(url)
	if err != nil {
		return 0, ""
	}
	defer func() { _ = res.Body.Close() }()
	b, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(b)
}
