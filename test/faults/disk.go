package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// errNeedsRoot means that this machine does not let us mount anything.
var errNeedsRoot = errors.New("needs to mount a small filesystem, which this user may not")

// disk is a filesystem of its own for the database's files.
type disk struct {
	at    string
	image string // of a block device; empty for one in memory
}

// mountMemory makes a filesystem of so many megabytes.
func mountMemory(ctx context.Context, at string, megabytes int) (*disk, error) {
	d := &disk{at: at}
	return d, mount(ctx, "-t", "tmpfs", "-o", fmt.Sprintf("size=%dm,mode=711", megabytes), "tmpfs", at)
}

// mountImage makes a filesystem on a block device that is a file. What a program has not synced is not in that file: the kernel keeps
// it, as it would if there were a disk. So a copy of the file is what a power cut leaves.
func mountImage(ctx context.Context, at, image string, megabytes int64) (*disk, error) {
	d := &disk{at, image}
	f, err := os.Create(image)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(f.Truncate(megabytes<<20), f.Close()); err != nil {
		return nil, err
	}
	if out, err := exec.CommandContext(ctx, "mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", image).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w: mkfs.ext4: %w: %s", errNeedsRoot, err, out)
	}
	return d, d.insert(ctx)
}

func (d *disk) insert(ctx context.Context) error {
	return mount(ctx, "-o", "loop,noatime", d.image, d.at)
}

func mount(ctx context.Context, args ...string) error {
	if os.Geteuid() != 0 {
		return errNeedsRoot
	}
	if out, err := exec.CommandContext(ctx, "mount", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", errNeedsRoot, out)
	}
	return nil
}

func (d *disk) remove() {
	_ = exec.Command("umount", d.at).Run()
}

// fill writes until there is no room, and returns what makes room again.
func (d *disk) fill() (empty func() error, err error) {
	ballast := filepath.Join(d.at, "ballast")
	f, err := os.Create(ballast)
	if err != nil {
		return nil, err
	}
	for block := make([]byte, 1<<20); len(block) > 0; {
		if _, err := f.Write(block); err != nil {
			block = block[:len(block)/2]
		}
	}
	return func() error { return os.Remove(ballast) }, f.Close()
}

// copyFile copies what is in a file.
func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
