package httpapi_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gopassport/passport/adapters/httpapi"
)

func TestAConfigThatCannotServeIsNotValid(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		cfg  httpapi.Config
		want string
	}{
		{httpapi.Config{}, ""},
		{httpapi.Config{Addr: ":8099"}, ""},
		{httpapi.Config{Addr: "[::1]:8099", TemplatesDir: dir}, ""},
		{httpapi.Config{Addr: "8099"}, "addr"},
		{httpapi.Config{Addr: "localhost"}, "addr"},
		{httpapi.Config{Addr: "::1:8099"}, "addr"},
		{httpapi.Config{TemplatesDir: filepath.Join(dir, "gone")}, "templates_dir"},
		{httpapi.Config{TemplatesDir: file}, "is not a directory"},
	} {
		err := tt.cfg.Validate()
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%+v: got %v; want %q", tt.cfg, err, tt.want)
		}
	}
}
