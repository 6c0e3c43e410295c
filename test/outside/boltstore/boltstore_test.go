package boltstore_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/system"
	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/storagetest"

	"example.com/acme/login/boltstore"
)

func open(t *testing.T, file string) *boltstore.Store {
	t.Helper()
	s, err := boltstore.Open(file, system.Clock{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// The contract is proven without storagetest.Reopen, so that the cases of two processes are skipped, visibly: bbolt locks its file, and
// there is no second process whose races could be lost.
func TestContract(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(t *testing.T) ports.Storage {
		return boltstore.Ports(open(t, filepath.Join(t.TempDir(), "passport.bolt")))
	})
}

func TestASecondProcessIsRefused(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "passport.bolt")
	open(t, file)
	if _, err := boltstore.Open(file, system.Clock{}); err == nil || !strings.Contains(err.Error(), "another process has it") {
		t.Errorf("got error %v; want a refusal", err)
	}
}

func TestARestartLosesNothing(t *testing.T) {
	t.Parallel()
	file, now := filepath.Join(t.TempDir(), "passport.bolt"), system.Clock{}.Now()
	c := client.Client{ID: "0190f5fe-7c1e-7a5f-8d3c-000000000001", Name: "An app", Scopes: scope.Of("read"), CreatedAt: now, UpdatedAt: now}
	before := open(t, file)
	if err := before.AddClient(t.Context(), c, audit.Entry{Kind: audit.ClientCreated, At: now}); err != nil {
		t.Fatal(err)
	}
	if err := before.Close(); err != nil {
		t.Fatal(err)
	}
	after := open(t, file)
	if got, err := after.FindClient(t.Context(), c.ID); err != nil || got.Name != c.Name || !got.Scopes.Equal(c.Scopes) {
		t.Errorf("got %+v, %v; want the client", got, err)
	}
	if entries, err := after.Entries(t.Context(), 10); err != nil || len(entries) != 1 || !entries[0].At.Equal(now.Truncate(time.Microsecond)) {
		t.Errorf("got %+v, %v; want the entry", entries, err)
	}
}

func TestKnowsPortsAndDomainOnly(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{join .Imports "\n"}}`, ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	const passport = "github.com/gopassport/passport/"
	for imported := range strings.Lines(string(out)) {
		if part, ours := strings.CutPrefix(strings.TrimSpace(imported), passport); ours && part != "ports" && !strings.HasPrefix(part, "domain/") {
			t.Errorf("got an import of %s; want none but ports and domain", part)
		}
	}
}
