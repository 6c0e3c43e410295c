package cli

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the wire_gen.go of the scaffolds")

// TestScaffoldsHaveWhatWireMakes runs Wire on what the commands write. After a change of package core, run it with -update.
func TestScaffoldsHaveWhatWireMakes(t *testing.T) {
	t.Parallel()
	tools := filepath.Join(checkoutHere(t), ".ci", "tools", "go.mod")
	if _, err := os.Stat(tools); err != nil || testing.Short() {
		t.Skip("it needs the tools of a whole checkout, and time: run it there without -short")
	}
	for kind, name := range map[string]string{"grant": "otp", "storage": "acmestore"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "login")
			newBench().want(t, exitOK, "new", kind, name, "--dir", dir, "--replace", checkoutHere(t))
			tidy(t, dir)
			wire := exec.CommandContext(t.Context(), "go", "tool", "-modfile="+tools, "wire", "gen", ".")
			wire.Dir = dir
			if out, err := wire.CombinedOutput(); err != nil {
				t.Fatalf("wire gen: %v\n%s", err, out)
			}
			want, in := readFile(t, dir, "wire_gen.go"), filepath.Join("scaffolds", kind)
			if *update {
				writeFile(t, in, "wire_gen.go.tmpl", want)
			}
			if readFile(t, in, "wire_gen.go.tmpl") != want {
				t.Errorf("%s/wire_gen.go.tmpl is not what Wire makes: run go test ./adapters/cli -run WireMakes -update", in)
			}
		})
	}
}
