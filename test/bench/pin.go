package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
)

// Cores of those who are pinned: the servers and their database share one, so that what is measured is what one core can do.
const (
	serverCore = 0
	loadCore   = 1
)

// canPin says whether there is what pinning takes.
func canPin() bool {
	_, err := exec.LookPath("taskset")
	return err == nil && runtime.NumCPU() >= 2
}

// onCore is a program that runs on one core, if it is to be pinned.
func onCore(core int, pinned bool, name string, args ...string) *exec.Cmd {
	if !pinned {
		return exec.Command(name, args...)
	}
	return exec.Command("taskset", append([]string{"-c", strconv.Itoa(core), name}, args...)...)
}

// moveTo pins this process; what it starts is born there.
func moveTo(core int) error {
	out, err := exec.Command("taskset", "-a", "-p", "-c", strconv.Itoa(core), strconv.Itoa(os.Getpid())).CombinedOutput()
	if err != nil {
		return fmt.Errorf("pin: %w: %s", err, out)
	}
	return nil
}

// free lets this process go wherever it likes.
func free() error {
	out, err := exec.Command("taskset", "-a", "-p", "-c", "0-"+strconv.Itoa(runtime.NumCPU()-1), strconv.Itoa(os.Getpid())).CombinedOutput()
	if err != nil {
		return fmt.Errorf("unpin: %w: %s", err, out)
	}
	return nil
}
