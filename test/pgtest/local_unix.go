//go:build unix

package pgtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// serverUser is who runs the cluster: this process's user, or postgres in root's stead.
func serverUser() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("user %s: %w", name, err)
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("user %s: %w", name, err)
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("initdb refuses to run as root and there is no user postgres")
}

func giveAway(paths ...string) error {
	who, err := serverUser()
	if who == nil {
		return err
	}
	for _, p := range paths {
		if err := os.Chown(p, int(who.Uid), int(who.Gid)); err != nil {
			return err
		}
	}
	return nil
}

// asServerUser gives the command a process group of its own, so that Ctrl-C leaves the supervisor alive to tidy up.
func asServerUser(cmd *exec.Cmd) {
	who, _ := serverUser() // giveAway has told of the error
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: who}
}
