package cli

import (
	"context"
	"errors"
	"net"
	"os"
	"testing"
)

func TestServeListensForMetricsBesideAndAsLongAsItServes(t *testing.T) {
	t.Parallel()
	b, addr := newBench(), freeAddr(t)
	b.env = append(b.env, "PASSPORT_METRICS_ADDR="+addr)
	b.want(t, exitOK, "install")
	b.serve = func(context.Context, config) error {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			return err
		}
		return c.Close()
	}
	b.want(t, exitOK, "serve")
	if _, err := net.Dial("tcp", addr); err == nil {
		t.Error("somebody listens after the end")
	}
}

func TestServeRefusesToStartWhereMetricsCannotBeServed(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for addr, hint := range map[string]string{
		l.Addr().String(): "is it running already? metrics_addr chooses another address",
		"192.0.2.1:9090":  "metrics_addr chooses another address", // of no machine
	} {
		b := newBench()
		b.want(t, exitOK, "install")
		b.serve = func(context.Context, config) error { return errors.New("it served") }
		b.env = append(b.env, "PASSPORT_METRICS_ADDR="+addr)
		contains(t, b.want(t, exitFailed, "serve").err, "listen on metrics_addr", addr, hint, "PASSPORT_METRICS_ADDR")
	}
}

func TestDevShowsMetricsToThisMachineOnly(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"0.0.0.0:9090", ":9090", "192.0.2.1:9090"} {
		d := newDevBench(t)
		d.env = []string{"PASSPORT_METRICS_ADDR=" + addr}
		contains(t, d.want(t, exitUsage, "dev", "--data", d.dir, "--addr", "127.0.0.1:0").err, "metrics_addr "+addr)
		if _, err := os.Stat(d.dir); !os.IsNotExist(err) {
			t.Errorf("%s: got %v; want nothing made", addr, err)
		}
	}
}

func TestAProgramWiredWithoutMetricsServes(t *testing.T) {
	t.Parallel()
	leave, err := new(App).serveMetrics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	leave()
}
