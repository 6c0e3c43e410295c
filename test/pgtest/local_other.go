//go:build !unix

package pgtest

import (
	"errors"
	"os/exec"
)

func giveAway(...string) error { return errors.New("a local cluster needs a Unix system") }

func asServerUser(*exec.Cmd) {}
