package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// report is everything that was measured.
type report struct {
	Machine machine        `json:"machine"`
	Engines []engineReport `json:"engines"`
}

// machine is where and how it was measured.
type machine struct {
	When   time.Time `json:"when"`
	Commit string    `json:"commit"`
	Go     string    `json:"go"`
	System string    `json:"system"`
	CPU    string    `json:"cpu"`
	Cores  int       `json:"cores"`
	Pinned bool      `json:"pinned"`
	Rounds int       `json:"rounds"`
	SpanMS int64     `json:"span_ms"`
	Tell   string    `json:"telemetry"`
	Filled int       `json:"filled"`
}

type engineReport struct {
	Name  string       `json:"name"`
	About string       `json:"about"`
	Sides []sideReport `json:"sides"`
	Rows  []row        `json:"rows"`
}

type sideReport struct {
	Name     string  `json:"name"`
	StartMS  float64 `json:"start_ms"`
	IdleMB   int64   `json:"idle_mb"`
	LoadedMB int64   `json:"loaded_mb"`
}

func thisMachine(b *bench) machine {
	commit, _ := exec.Command("git", "describe", "--always", "--dirty").Output()
	return machine{
		When: time.Now().UTC().Round(time.Second), Commit: strings.TrimSpace(string(commit)), Go: runtime.Version(),
		System: runtime.GOOS + "/" + runtime.GOARCH, CPU: cpu(), Cores: runtime.NumCPU(), Pinned: b.pinned,
		Rounds: b.rounds, SpanMS: b.span.Milliseconds(), Tell: b.tell, Filled: b.filled,
	}
}

func cpu() string {
	b, _ := os.ReadFile("/proc/cpuinfo")
	_, model, _ := strings.Cut(between(string(b), "model name", "\n"), ": ")
	return model
}

func (m machine) String() string {
	cores := "server, database and load share all cores"
	if m.Pinned {
		cores = "server and database on one core, the load on another"
	}
	return fmt.Sprintf("%s, %s, %s, %d cores (%s); commit %s; %s; %d rounds of %d ms; telemetry %s",
		m.When.Format(time.DateOnly), m.Go, m.System, m.Cores, m.CPU, m.Commit, cores, m.Rounds, m.SpanMS, m.Tell)
}

// names are the sides': the server, what it is compared with, and the floor.
func (e engineReport) names() []string {
	var all []string
	for _, s := range e.Sides {
		all = append(all, s.Name)
	}
	return all
}

func (e engineReport) head(w io.Writer) {
	fmt.Fprintf(w, "\n%s: %s\n", e.Name, e.About)
	for _, s := range e.Sides {
		fmt.Fprintf(w, "%s: start to first 200 %.0f ms, idle %d MB\n", s.Name, s.StartMS, s.IdleMB)
	}
	fmt.Fprintf(w, "%-26s%6s", "operation", "conns")
	for i, name := range e.names() {
		fmt.Fprintf(w, "%10s%14s%8s%8s", name+"/s", "min-max", "p50 ms", "p99 ms")
		if i > 0 {
			a, b := compared(e.names(), i)
			fmt.Fprintf(w, "%15s", a+"/"+b)
		}
	}
	fmt.Fprintln(w)
}

// compared are the two of a side's ratio: the server to the floor, and what is another server to the usual one.
func compared(names []string, i int) (a, b string) {
	if i == len(names)-1 {
		return names[0], names[i]
	}
	return names[i], names[0]
}

func (e engineReport) foot(w io.Writer) {
	for _, s := range e.Sides {
		fmt.Fprintf(w, "%s: under load %d MB\n", s.Name, s.LoadedMB)
	}
}

func (r row) print(w io.Writer, names []string) {
	fmt.Fprintf(w, "%-26s%6d", r.Operation, r.Conns)
	for i, name := range names {
		least, most := r.spread(name)
		fmt.Fprintf(w, "%10.0f%14s%8s%8s", r.rate(name), fmt.Sprintf("%.0f-%.0f", least, most), ms(r.latency(name, p50)), ms(r.latency(name, p99)))
		if i > 0 {
			fmt.Fprintf(w, "%15.2f", r.ratio(compared(names, i)))
		}
	}
	fmt.Fprintln(w)
}

// ms is a duration with as many digits as are worth reading.
func ms(d time.Duration) string {
	v := float64(d.Microseconds()) / 1000
	switch {
	case v < 10:
		return fmt.Sprintf("%.2f", v)
	case v < 100:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

func p50(r result) time.Duration { return r.P50 }
func p99(r result) time.Duration { return r.P99 }

func (r row) rates(name string) []float64 {
	var all []float64
	for _, one := range r.Sides[name] {
		all = append(all, one.Rate)
	}
	return all
}

func (r row) rate(name string) float64 { return median(r.rates(name)) }

func (r row) spread(name string) (least, most float64) {
	return slices.Min(r.rates(name)), slices.Max(r.rates(name))
}

func (r row) latency(name string, of func(result) time.Duration) time.Duration {
	var all []time.Duration
	for _, one := range r.Sides[name] {
		all = append(all, of(one))
	}
	return median(all)
}

// ratio is the median of the rounds' own ratios: what slowed a round down slowed down both.
func (r row) ratio(a, b string) float64 {
	var all []float64
	for i, one := range r.Sides[a] {
		all = append(all, one.Rate/r.Sides[b][i].Rate)
	}
	return median(all)
}

func median[T float64 | time.Duration](xs []T) T {
	xs = slices.Sorted(slices.Values(xs))
	return (xs[(len(xs)-1)/2] + xs[len(xs)/2]) / 2
}

func (r report) write(o options) error {
	if o.json != "" {
		b, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(o.json, append(b, '\n'), 0o644); err != nil {
			return err
		}
	}
	if o.svg == "" {
		return nil
	}
	return os.WriteFile(o.svg, []byte(r.chart()), 0o644)
}
